"""The settings of a protected stack whose change would replace or delete stateful resources. Pure.

The engine also refuses to replace or delete a protected resource, but its only advice is to remove
the protection. A protected stack therefore stores what it was deployed with, as the output
`protectedBaseline`. The next run checks its settings against that output before anything is
registered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.addressing import AddressPlan
from components.cluster.network_profile import OUTBOUND_TYPES
from components.problems import Problem
from components.settings.management import Gateway
from components.settings.private_dns import (
    REGISTRY_ZONE,
    VAULT_ZONE,
    api_server_zone,
    existing_zone,
)
from components.settings.stack import Settings

OUTPUT = "protectedBaseline"
"""The stack output with the baseline."""
FORMER_OUTPUT = "kept"
"""The name of the output in earlier versions."""

ProtectedBaseline = Mapping[str, Sequence[str]]
"""By the path of a setting, the values that a protected stack was deployed with. Settings without
values are left out."""

_ON_PURPOSE = "to delete it on purpose, run with aks-network:protect: false first, then change it"
_CLUSTER = "create a second cluster beside it, move the applications to it, then delete the first"
_STACK = "deploy a second stack, and move to it"
_CHANGE_WITH_AZ = (
    "Pulumi can't change this in place. Azure can change a cluster to the overlay or to Cilium, "
    "and its policy engine through none: change the cluster with az, run pulumi refresh, then "
    "set it here, for one run together with aks-network:protect: false (docs/edits.md). Otherwise "
    f"{_CLUSTER}"
)
"""Source: aks/use-network-policies, aks/upgrade-aks-ipam-and-dataplane."""


@dataclass(frozen=True)
class ProtectedSetting:
    """A setting whose values may grow, while each value that was deployed must stay."""

    path: str
    values: Callable[[Settings, AddressPlan], Sequence[str]]
    """The values of the setting, as far as stateful resources depend on them."""
    deletes: str
    """What a change would delete or replace."""
    remedy: str


def _outbound(settings: Settings) -> list[str]:
    egress = settings.network.egress
    return [OUTBOUND_TYPES[egress], *(["firewall"] if egress == "firewall" else [])]


def _firewall_tier(settings: Settings) -> list[str]:
    """Azure changes a firewall between Standard and Premium only (azure/firewall/change-sku)."""
    if settings.network.egress != "firewall":
        return []
    return ["Basic" if settings.network.firewall.tier == "Basic" else "Standard or Premium"]


def _pod_cidr(settings: Settings) -> list[str]:
    return [settings.network.pod_cidr] if settings.network.pod_cidr else []


def _gateway(settings: Settings) -> list[str]:
    gateway = settings.management.gateway
    return [gateway.kind] if isinstance(gateway, Gateway) else []


def _network_of(existing: object) -> str:
    return str(getattr(existing, "virtual_network_id", "the stack's own"))


def _ingress_gateway(settings: Settings) -> list[str]:
    if settings.ingress.has_application_gateway:
        return ["Application Gateway"]
    if settings.ingress.uses_alb:
        return ["Application Gateway for Containers"]
    return []


def _new_subnets(settings: Settings, plan: AddressPlan) -> list[str]:
    """The keys of the subnets in networks that the stack owns."""
    existing = {
        "cluster": settings.network.existing,
        "management": settings.management.existing,
    }
    return [subnet.key for vnet in plan.vnets if not existing[vnet.name] for subnet in vnet.subnets]


def _own_zones(settings: Settings) -> list[str]:
    """The services whose private zone is no other team's."""
    existing = settings.network.private_dns.existing_zones
    zones = {
        "key vault": VAULT_ZONE,
        "API server": api_server_zone(
            settings.location, vnet_integration=settings.cluster.api_server_vnet_integration
        ),
        **({"container registry": REGISTRY_ZONE} if settings.cluster.own_registry else {}),
    }
    return [service for service, zone in zones.items() if existing_zone(existing, zone) is None]


def _logs(settings: Settings) -> list[str]:
    observability = settings.observability
    return [
        *(["workspace"] if observability.needs_own_workspace else []),
        *(["flow logs"] if observability.flow_logs else []),
    ]


_EGRESS = ProtectedSetting(
    "aks-network:network.egress",
    lambda s, _: _outbound(s),
    "the cluster's egress",
    _CLUSTER,
)
_FIREWALL_TIER = ProtectedSetting(
    "aks-network:network.firewall.tier",
    lambda s, _: _firewall_tier(s),
    "the firewall",
    "use Standard or Premium, between which the firewall stays; from or to Basic, nodes have no "
    "outbound connectivity until the new firewall runs, so plan an outage",
)
_SUBNETS = ProtectedSetting(
    "aks-network:network.subnets",
    _new_subnets,
    "the subnet",
    "keep a feature or node pool that uses it; docs/edits.md says which settings need which subnet",
)

PROTECTED_SETTINGS = (
    ProtectedSetting("azure-native:location", lambda s, _: [s.location], "all resources", _STACK),
    ProtectedSetting("aks-network:workload", lambda s, _: [s.workload], "all resources", _STACK),
    ProtectedSetting(
        "aks-network:environment", lambda s, _: [s.environment], "all resources", _STACK
    ),
    ProtectedSetting(
        "aks-network:network.model",
        lambda s, _: [s.network.model],
        "the cluster",
        _CHANGE_WITH_AZ,
    ),
    ProtectedSetting(
        "aks-network:network.dataplane",
        lambda s, _: [s.network.dataplane],
        "the cluster",
        _CHANGE_WITH_AZ,
    ),
    ProtectedSetting(
        "aks-network:network.policy",
        lambda s, _: [s.network.policy],
        "the cluster",
        _CHANGE_WITH_AZ,
    ),
    ProtectedSetting(
        "aks-network:network.podCidr", lambda s, _: _pod_cidr(s), "the cluster", _CLUSTER
    ),
    ProtectedSetting(
        "aks-network:network.serviceCidr",
        lambda s, _: [s.network.service_cidr],
        "the cluster",
        _CLUSTER,
    ),
    ProtectedSetting(
        "aks-network:network.dnsServiceIp",
        lambda s, _: [s.network.dns_service_ip],
        "the cluster",
        _CLUSTER,
    ),
    _EGRESS,
    _FIREWALL_TIER,
    ProtectedSetting(
        "aks-network:network.existing",
        lambda s, _: [_network_of(s.network.existing)],
        "the cluster and its network",
        _STACK,
    ),
    ProtectedSetting(
        "aks-network:management.existing",
        lambda s, _: [_network_of(s.management.existing)],
        "the management network",
        "peer with the existing network in a second stack, and move to it",
    ),
    ProtectedSetting(
        "aks-network:management.gateway",
        lambda s, _: _gateway(s),
        "the gateway to on-premises",
        "connect on-premises by another gateway first",
    ),
    ProtectedSetting(
        "aks-network:cluster.private",
        lambda s, _: ["private" if s.cluster.private else "public"],
        "the cluster",
        _CLUSTER,
    ),
    ProtectedSetting(
        "aks-network:cluster.windows",
        lambda s, _: [s.cluster.windows.admin_username if s.cluster.windows else "no Windows"],
        "the cluster",
        "leave it unchanged, even without a Windows pool; or " + _CLUSTER,
    ),
    ProtectedSetting(
        "aks-network:cluster.ownRegistry",
        lambda s, _: ["registry"] if s.cluster.own_registry else [],
        "the registry with its images",
        "copy the images to another registry with az acr import first",
    ),
    ProtectedSetting(
        "aks-network:ingress.waf",
        lambda s, _: _ingress_gateway(s),
        "the gateway that serves the hosts",
        "move the hosts to another gateway first",
    ),
    ProtectedSetting(
        "aks-network:ingress.publicDnsZones",
        lambda s, _: s.ingress.public_dns_zones,
        "the zone with its records and its name servers",
        "move its records to another zone first",
    ),
    ProtectedSetting(
        "aks-network:ingress.privateDnsZones",
        lambda s, _: s.ingress.private_dns_zones,
        "the zone with its records",
        "move its records to another zone first",
    ),
    ProtectedSetting(
        "aks-network:network.privateDns.existingZones",
        lambda s, _: _own_zones(s),
        "the zone of this stack with its records",
        "keep the zone of this stack, or use the other one in a second stack, and move to it",
    ),
    ProtectedSetting(
        "aks-network:observability",
        lambda s, _: _logs(s),
        "the stored logs",
        "keep the workspace with workspace: {}, and the flow logs with flowLogs: {}",
    ),
    _SUBNETS,
)


def protected_baseline(settings: Settings, plan: AddressPlan) -> dict[str, list[str]]:
    """The values of all protected settings: the output of a protected stack."""
    baseline = {
        setting.path: [str(value) for value in setting.values(settings, plan)]
        for setting in PROTECTED_SETTINGS
    }
    return {path: values for path, values in baseline.items() if values}


def baseline_of(outputs: Mapping[str, Any]) -> ProtectedBaseline:
    """The baseline among a stack's outputs, by its present or former name; empty without one."""
    return outputs.get(OUTPUT) or outputs.get(FORMER_OUTPUT) or {}


def find_protected_changes(
    baseline: ProtectedBaseline, settings: Settings, plan: AddressPlan
) -> Iterator[Problem]:
    """The settings that no longer have all values of the baseline.

    A missing subnet is reported only where no other setting explains it, and the firewall's tier
    only where the firewall stays.
    """
    current = protected_baseline(settings, plan)
    missing = {
        setting: [
            value
            for value in baseline.get(setting.path, ())
            if value not in current.get(setting.path, ())
        ]
        for setting in PROTECTED_SETTINGS
    }
    changed = {setting: values for setting, values in missing.items() if values}
    for setting, values in changed.items():
        if setting is _SUBNETS and len(changed) > 1:
            continue
        if setting is _FIREWALL_TIER and _EGRESS in changed:
            continue
        remedy = setting.remedy
        yield Problem(
            setting.path,
            ", ".join(current.get(setting.path, ())) or "none",
            f"must keep {', '.join(values)}: the change deletes {setting.deletes}, "
            "which is protected",
            remedy if remedy is _CHANGE_WITH_AZ else f"{remedy}; {_ON_PURPOSE}",
        )
