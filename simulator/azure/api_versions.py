"""API versions other than azure-native's default, as the difference to the default one.

azure-native serves them by parameterised packages: `azure-native_<module>_v<date>`. The SDK has
classes of the default version only. What a later version adds to them is a table here; no version
in it takes anything away or makes a property read-only or writable.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast

from simulator.azure import sdk_types

_ON_OFF = {"open_enum": ["Enabled", "Disabled"]}


@dataclass(frozen=True)
class Version:
    """What an API version adds. Names of objects are without `Args` and `Response`."""

    source: str
    objects: Mapping[str, Mapping[str, Any]]
    """New objects: name to the types of their properties, in the form of `sdk_types`."""
    properties: Mapping[str, Mapping[str, Any]]
    """New properties of the default version's resources and objects."""
    values: Mapping[tuple[str, str], tuple[str, ...]] = field(
        default_factory=dict[tuple[str, str], tuple[str, ...]]
    )
    """New values of an enumeration: resource or object, and property."""
    types: Collection[str] = ()
    """The only resources that are described at the version; empty: all of the module."""


_POOL = {"artifactStreamingProfile": {"object": "AgentPoolArtifactStreamingProfile"}}
_MONITORING = "ManagedClusterAzureMonitorProfileAppMonitoring"
_OS_SKUS = ("Windows2025", "Ubuntu2404", "AzureContainerLinux")

VERSIONS: Mapping[str, Mapping[str, Version]] = {
    "containerservice": {
        "2026-03-01": Version(
            source="azure-mgmt-containerservice 41.2.0; Azure/bicep-types-az,"
            " generated/containerservice/microsoft.containerservice/2026-03-01",
            objects={
                "AdvancedNetworkingPerformance": {
                    "accelerationMode": {"open_enum": ["BpfVeth", "None"]}
                },
                "AdvancedNetworkingSecurityTransitEncryption": {
                    "type": {"open_enum": ["WireGuard", "None"]}
                },
                "AgentPoolArtifactStreamingProfile": {"enabled": "boolean"},
                "ManagedClusterAppRoutingIstio": {"mode": _ON_OFF},
                _MONITORING: {
                    "autoInstrumentation": {"object": f"{_MONITORING}AutoInstrumentation"}
                },
                f"{_MONITORING}AutoInstrumentation": {"enabled": "boolean"},
                "ManagedClusterHostedSystemProfile": {
                    "enabled": "boolean",
                    "nodeSubnetID": "string",
                    "systemNodeSubnetID": "string",
                },
                "ManagedClusterIngressProfileGatewayConfiguration": {
                    "installation": {"open_enum": ["Disabled", "Standard"]}
                },
                "ManagedClusterWebAppRoutingGatewayAPIImplementations": {
                    "appRoutingIstio": {"object": "ManagedClusterAppRoutingIstio"}
                },
            },
            properties={
                "AdvancedNetworking": {"performance": {"object": "AdvancedNetworkingPerformance"}},
                "AdvancedNetworkingSecurity": {
                    "transitEncryption": {"object": "AdvancedNetworkingSecurityTransitEncryption"}
                },
                "AgentPool": _POOL,
                "IstioComponents": {
                    "proxyRedirectionMechanism": {"open_enum": ["CNIChaining", "InitContainers"]}
                },
                "ManagedCluster": {
                    "hostedSystemProfile": {"object": "ManagedClusterHostedSystemProfile"}
                },
                "ManagedClusterAgentPoolProfile": _POOL,
                "ManagedClusterAzureMonitorProfile": {"appMonitoring": {"object": _MONITORING}},
                "ManagedClusterHTTPProxyConfig": {"enabled": "boolean"},
                "ManagedClusterIngressProfile": {
                    "gatewayAPI": {"object": "ManagedClusterIngressProfileGatewayConfiguration"}
                },
                "ManagedClusterIngressProfileWebAppRouting": {
                    "gatewayAPIImplementations": {
                        "object": "ManagedClusterWebAppRoutingGatewayAPIImplementations"
                    }
                },
            },
            values={
                ("AgentPool", "osSKU"): _OS_SKUS,
                ("ManagedClusterAgentPoolProfile", "osSKU"): _OS_SKUS,
            },
        )
    },
    "network": {
        "2025-03-01": Version(
            source="azure-mgmt-network 30.1.0; hashicorp/terraform-provider-azurerm pull request"
            " 31197",
            objects={},
            properties={
                "NatGateway": {
                    "publicIpAddressesV6": {"items": {"object": "SubResource"}},
                    "publicIpPrefixesV6": {"items": {"object": "SubResource"}},
                    "sourceVirtualNetwork": {"object": "SubResource"},
                }
            },
            values={
                ("NatGatewaySku", "name"): ("StandardV2",),
                ("PublicIPAddressSku", "name"): ("StandardV2",),
            },
            types=("NatGateway", "PublicIPAddress"),
        )
    },
}
"""Module of the SDK to API version to its additions."""


def describes(module: str, version: str, name: str) -> bool:
    """Whether a resource of a module is described at a version other than the default one."""
    row = VERSIONS.get(module, {}).get(version)
    return row is not None and (not row.types or name in row.types)


@cache
def module_schema(module: str, names: tuple[str, ...], version: str) -> dict[str, Any]:
    """The schema of `sdk_types.module_schema` at a version; the default one has no additions."""
    schema = sdk_types.module_schema(module, names)
    added = VERSIONS.get(module, {}).get(version)
    return _extended(schema, added) if added else schema


def _extended(schema: Mapping[str, Any], added: Version) -> dict[str, Any]:
    result: dict[str, Any] = copy.deepcopy(dict(schema))
    for suffix in ("Args", "Response"):
        for name, properties in added.objects.items():
            result["objects"][name + suffix] = {"properties": _suffixed(properties, suffix)}
        for name, properties in added.properties.items():
            for known in _properties(result, name, suffix):
                known.update(_suffixed(properties, suffix))
        for (name, key), values in added.values.items():
            for known in _properties(result, name, suffix):
                if isinstance(known.get(key), dict):
                    known[key]["open_enum"] = [*known[key]["open_enum"], *values]
    return result


def _properties(schema: Mapping[str, Any], name: str, suffix: str) -> Iterator[dict[str, Any]]:
    """The properties of a resource's and an object's inputs (`Args`) or outputs (`Response`).

    A resource may be an object, too: a NAT gateway is one inside a public address.
    """
    resource = schema["resources"].get(name)
    if resource:
        yield resource["inputs"]["properties"] if suffix == "Args" else resource["outputs"]
    if name + suffix in schema["objects"]:
        yield schema["objects"][name + suffix]["properties"]


def _suffixed(properties: Mapping[str, Any], suffix: str) -> dict[str, Any]:
    return {key: _with_suffix(form, suffix) for key, form in properties.items()}


def _with_suffix(form: Any, suffix: str) -> Any:
    if not isinstance(form, dict):
        return form
    parts = cast("dict[str, Any]", form)
    if "items" in parts:
        return {"items": _with_suffix(parts["items"], suffix)}
    return {"object": parts["object"] + suffix} if "object" in parts else parts
