"""What a protected deployment keeps: settings of which another value would lose something stateful.

The engine refuses to replace or delete a protected resource, too, but all that it says to do is to
lift the protection. So a protected stack writes down what it was deployed with, as the output
`kept`, and the next run holds its settings against that before anything is registered. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from components.addressing import AddressPlan
from components.cluster.network_profile import OUTBOUND_TYPES
from components.problems import Problem
from components.settings.management import Gateway
from components.settings.stack import Settings

ProtectedBaseline = Mapping[str, Sequence[str]]
"""By the path of a setting: what it stood for."""

ON_PURPOSE = "to lose it on purpose, run with aks-network:protect: false first, and then the change"

_CLUSTER = "set up a second cluster beside it, move the applications over, remove the first"
_STACK = "deploy a second stack and move over"
_AZ = (
    "Pulumi can't change this in place; Azure can where the way leads to the overlay or to Cilium, "
    "and between policy engines by way of none. There, change the cluster with az, run pulumi "
    "refresh, then set it here, for one run together with aks-network:protect: false "
    f"(docs/edits.md); elsewhere {_CLUSTER}"
)
"""aks/use-network-policies, aks/upgrade-aks-ipam-and-dataplane."""


@dataclass(frozen=True)
class ProtectedSetting:
    """A setting that is kept. What it stands for may get more, but nothing of it may go."""

    path: str
    stands_for: Callable[[Settings, AddressPlan], Sequence[str]]
    loses: str
    remedy: str


def _outbound(settings: Settings) -> list[str]:
    egress = settings.network.egress
    return [OUTBOUND_TYPES[egress], *(["firewall"] if egress == "firewall" else [])]


def _ranges_of_pods(settings: Settings) -> list[str]:
    return [settings.network.pod_cidr] if settings.network.pod_cidr else []


def _gateway(settings: Settings) -> list[str]:
    gateway = settings.management.gateway
    return [gateway.kind] if isinstance(gateway, Gateway) else []


def _network_of(owner: object) -> str:
    return str(getattr(owner, "virtual_network_id", "the stack's own"))


def _way_in(settings: Settings) -> list[str]:
    if settings.ingress.has_application_gateway:
        return ["Application Gateway"]
    if settings.ingress.controller == "application-gateway-for-containers":
        return ["Application Gateway for Containers"]
    return []


def _subnets(settings: Settings, plan: AddressPlan) -> list[str]:
    """Those of the stack's own networks."""
    theirs = {
        name
        for name, existing in (
            ("cluster", settings.network.existing),
            ("management", settings.management.existing),
        )
        if existing
    }
    return [subnet.key for vnet in plan.vnets if vnet.name not in theirs for subnet in vnet.subnets]


def _logs(settings: Settings) -> list[str]:
    logs = settings.observability
    return [
        *(["workspace"] if logs.needs_own_workspace else []),
        *(["flow logs"] if logs.flow_logs else []),
    ]


_SUBNETS = ProtectedSetting(
    "aks-network:network.subnets",
    _subnets,
    "the subnet",
    "leave something in it, or see docs/edits.md for what needs it",
)

PROTECTED_SETTINGS = (
    ProtectedSetting("azure-native:location", lambda s, _: [s.location], "everything", _STACK),
    ProtectedSetting("aks-network:workload", lambda s, _: [s.workload], "everything", _STACK),
    ProtectedSetting("aks-network:environment", lambda s, _: [s.environment], "everything", _STACK),
    ProtectedSetting(
        "aks-network:network.model", lambda s, _: [s.network.model], "the cluster", _AZ
    ),
    ProtectedSetting(
        "aks-network:network.dataplane", lambda s, _: [s.network.dataplane], "the cluster", _AZ
    ),
    ProtectedSetting(
        "aks-network:network.policy", lambda s, _: [s.network.policy], "the cluster", _AZ
    ),
    ProtectedSetting(
        "aks-network:network.podCidr", lambda s, _: _ranges_of_pods(s), "the cluster", _CLUSTER
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
    ProtectedSetting(
        "aks-network:network.egress", lambda s, _: _outbound(s), "the way out", _CLUSTER
    ),
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
        "peer with theirs in a second stack and move over",
    ),
    ProtectedSetting(
        "aks-network:management.gateway",
        lambda s, _: _gateway(s),
        "the gateway to on-premises",
        "move on-premises over to another way first",
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
        "leave it as it is, even without a Windows pool, or " + _CLUSTER,
    ),
    ProtectedSetting(
        "aks-network:ingress.waf",
        lambda s, _: _way_in(s),
        "the way in",
        "give the hosts another way in first",
    ),
    ProtectedSetting(
        "aks-network:ingress.publicDnsZones",
        lambda s, _: s.ingress.public_dns_zones,
        "the zone with its records, and its name servers",
        "move its names over first",
    ),
    ProtectedSetting(
        "aks-network:ingress.privateDnsZones",
        lambda s, _: s.ingress.private_dns_zones,
        "the zone with its records",
        "move its names over first",
    ),
    ProtectedSetting(
        "aks-network:observability",
        lambda s, _: _logs(s),
        "what was logged",
        "keep the workspace by workspace: {}, and the flow logs by flowLogs: {}",
    ),
    _SUBNETS,
)


def kept(settings: Settings, plan: AddressPlan) -> dict[str, list[str]]:
    """What a protected deployment of these settings keeps from now on."""
    return {
        one.path: [str(item) for item in one.stands_for(settings, plan)]
        for one in PROTECTED_SETTINGS
    }


def find_protected_changes(
    before: ProtectedBaseline, settings: Settings, plan: AddressPlan
) -> Iterator[Problem]:
    """What these settings would lose of what the last run of the protected stack kept.

    A subnet goes with what stood in it: it is spoken of only where nothing else explains it.
    """
    now = kept(settings, plan)
    found = [
        (one, [item for item in before.get(one.path, ()) if item not in now[one.path]])
        for one in PROTECTED_SETTINGS
    ]
    lost = [(one, items) for one, items in found if items]
    for one, items in lost:
        if one is _SUBNETS and len(lost) > 1:
            continue
        yield Problem(
            one.path,
            ", ".join(now[one.path]) or "none",
            f"was {', '.join(items)}, and another loses {one.loses}, which is protected",
            one.remedy if one.remedy is _AZ else f"{one.remedy}; {ON_PURPOSE}",
        )
