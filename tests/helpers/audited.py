"""States for the audit: what a stack's registrations leave behind, its secrets marked."""

from __future__ import annotations

import functools
from typing import Any

from cli.stack_file import committed_file
from support.secrets import SECRET, SIGNATURE
from tests.helpers.copies import copied
from tests.helpers.mocks import Recording
from tests.helpers.stacks import ROOT, recorded_file

Resources = list[dict[str, Any]]

ENCRYPTED = {SIGNATURE: SECRET, "ciphertext": "v1:…"}


@functools.cache
def _exported(stack: str) -> Resources:
    return exported(recorded_file(committed_file(stack, ROOT)))


def exported_by(stack: str) -> Resources:
    """What `deployment.resources` of the export of a stack or example would hold."""
    return copied(_exported(stack))


def exported(recording: Recording) -> Resources:
    """What `deployment.resources` of an export would hold, as far as the rules look at it."""
    cloud = recording.cloud
    resources: Resources = []
    for item in recording.registrations:
        made = None
        if item.type.startswith("azure-native:"):
            name = cloud.type_of(item.type).name_parameter
            made = cloud.get(cloud.id_of(item.type, {name: item.name, **item.inputs}))
        hidden = {path.split(".", maxsplit=1)[0].split("[", maxsplit=1)[0] for path in item.secrets}
        mask = dict.fromkeys(hidden, ENCRYPTED)
        resources.append(
            {
                "type": item.package_type,
                "urn": item.urn,
                "id": made.id if made else item.urn,
                "inputs": {**item.inputs, **mask},
                "outputs": {**(made.outputs if made else item.inputs), **mask},
            }
        )
    return resources
