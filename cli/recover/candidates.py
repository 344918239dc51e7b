"""Resources that may exist in the cloud and are missing from the state, and how to import them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from cli.console import Failure
from cli.pulumi_cli import PROVIDER_PACKAGES
from cli.recover import state
from cli.recover.access import Access
from support import urns
from support.arm_ids import RANDOM_NAME, RandomName, id_of
from support.type_tokens import plain_token


@dataclass(frozen=True)
class Candidate:
    """A resource that may exist in the cloud, with the id that it has there."""

    urn: str
    parent: str
    provider: str
    inputs: Mapping[str, Any]
    """Its inputs in the interrupted run, or in the next one; secrets are marked."""
    id: str


def candidates(
    access: Access, missing: Sequence[Mapping[str, Any]], deployment: Mapping[str, Any]
) -> list[Candidate]:
    """Those of the `missing` resources whose ids are known and that the state does not list.

    `missing` are states of resources, as the engine writes them in pending operations and in
    previews. Kubernetes objects that are rendered to files are left out: `up` writes the files
    again. Raises `Failure` where an id can't be determined.
    """
    if not missing:
        return []
    rendering = state.rendering(deployment)
    known = {item.get("id", "").lower() for item in state.resources(deployment)}
    present = state.present(deployment)
    subscription = access.subscription()
    found: list[Candidate] = []
    for item in missing:
        if state.provider_of(item) in rendering:
            continue
        resource_id = item.get("id") or _id(access, item, subscription, known)
        if resource_id and item["urn"] not in present:
            found.append(
                Candidate(
                    item["urn"],
                    item.get("parent", ""),
                    state.provider_of(item),
                    item.get("inputs") or {},
                    resource_id,
                )
            )
    return found


def _id(
    access: Access, resource: Mapping[str, Any], subscription: str, known: set[str]
) -> str | None:
    token = plain_token(resource["type"])
    inputs: Mapping[str, Any] = resource.get("inputs") or {}
    try:
        resource_id = id_of(token, inputs, subscription)
    except KeyError:
        raise Failure(
            f"{token} has no path in support/arm_ids.py: add it there, with its parameters "
            "named as the inputs of azure-native"
        ) from None
    if resource_id is None or not inputs.get(RANDOM_NAME):
        return resource_id
    # A preview makes up another random name than the interrupted run did: ask the cloud.
    logical_name = urns.logical_name(resource["urn"])
    name = RandomName(resource_id.rpartition("/")[0], logical_name)
    matching = [item for item in access.names(name.group, name.arm_type) if name.matches(item)]
    ids = [f"{name.parent}/{item}" for item in matching]
    ids = [item for item in ids if item.lower() not in known]
    if len(ids) > 1:
        raise Failure(
            f"{logical_name}: several resources may be the one that the run created: "
            f"{', '.join(ids)}; import the right one with `pulumi import`, then run this again"
        )
    return ids[0] if ids else resource_id


def import_file(candidates: Iterable[Candidate]) -> dict[str, Any]:
    """The document that `pulumi import --file` reads."""
    table: dict[str, str] = {}
    rows: list[dict[str, Any]] = []
    for item in candidates:
        token = urns.type_token(item.urn)
        row: dict[str, Any] = {
            "type": token,
            "name": urns.logical_name(item.urn),
            "id": item.id,
        }
        for key, urn in (("parent", item.parent), ("provider", item.provider)):
            if key == "provider" and "::default_" in urn:
                row["version"] = version(PROVIDER_PACKAGES[plain_token(token).split(":")[0]])
            elif not state.is_stack(urn):
                # A name in the table can be any string, and a URN is unique.
                table[urn] = urn
                row[key] = urn
        if item.inputs.get(RANDOM_NAME):
            row["inputs"] = {RANDOM_NAME: True}
        rows.append(row)
    return {"nameTable": table, "resources": rows}
