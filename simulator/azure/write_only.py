"""Write-only properties: Azure accepts them, but its responses never contain them."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from support.nested import is_list

PATHS: Mapping[str, tuple[str, ...]] = {
    # The SDK: "will never be returned from the service"
    "keyvault:Secret": ("properties.value",),
    # A GET never returns a secret (Azure Resource Manager's contract for resource providers)
    "containerservice:ManagedCluster": (
        "windowsProfile.adminPassword",
        "servicePrincipalProfile.secret",
    ),
    "compute:VirtualMachine": ("osProfile.adminPassword", "osProfile.customData"),
    # The SDK on both: "Only applicable in PUT request"
    "network:ApplicationGateway": ("sslCertificates.*.data", "sslCertificates.*.password"),
    # Returned only by its own operation, with its own permission (connections/sharedKey/action)
    "network:VirtualNetworkGatewayConnection": ("sharedKey",),
}
"""Paths of properties by type; `*` stands for each item of a list."""


def visible(token: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The properties without the write-only ones."""
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
