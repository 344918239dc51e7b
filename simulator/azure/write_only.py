"""What Azure takes but never tells again: it stands in no answer."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from support.nested import is_list

PATHS: Mapping[str, tuple[str, ...]] = {
    # "will never be returned from the service", says the SDK
    "keyvault:Secret": ("properties.value",),
    # Resource providers answer no GET with a secret (Azure Resource Manager's contract for them)
    "containerservice:ManagedCluster": (
        "windowsProfile.adminPassword",
        "servicePrincipalProfile.secret",
    ),
    "compute:VirtualMachine": ("osProfile.adminPassword", "osProfile.customData"),
    # "Only applicable in PUT request", says the SDK of both
    "network:ApplicationGateway": ("sslCertificates.*.data", "sslCertificates.*.password"),
    # Has an operation of its own, with a permission of its own (connections/sharedKey/action)
    "network:VirtualNetworkGatewayConnection": ("sharedKey",),
}
"""Paths of a type's properties; `*` is each item of a list."""


def visible(token: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The properties that the service answers with, of those that it was given."""
    paths = PATHS.get(token, ())
    result: dict[str, Any] = deepcopy(dict(values)) if paths else dict(values)
    for path in paths:
        _drop(result, path.split("."))
    return result


def _drop(value: Any, path: list[str]) -> None:
    step, *rest = path
    if step == "*" and is_list(value):
        for item in value:
            _drop(item, rest)
    elif isinstance(value, dict) and step in value:
        if rest:
            _drop(value[step], rest)
        else:
            del value[step]
