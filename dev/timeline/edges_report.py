"""The list of a graph's edges with their purposes, as text. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from dev.timeline.edges import Edge, Purpose
from support.tables import grid

_ROLE, _GROUP = "authorization:RoleAssignment", "network:PrivateDnsZoneGroup"
_LINK, _GATEWAY = "privatedns:VirtualNetworkLink", "network:ApplicationGateway"
_OBJECT, _CHART = "kubernetes:", "kubernetes:helm.sh"
_BY_NAME = "it reads certificates by the vault's private name"
_ANOTHER_VAULT = "needed where the certificate is in the deployment's own vault"
_SIGNS_IN = "the chart's controller signs in as soon as it runs"

REASONS_TO_KEEP = {
    ("containerservice:ManagedCluster", _ROLE): (
        "internal load balancers use the ingress subnet from the first Service on;"
        " on the node subnet the narrower role stays when the network's role is removed"
    ),
    ("network:FlowLog", _ROLE): (
        "flow logs write with it (network-watcher/vnet-flow-logs-managed-identity)"
    ),
    ("dnsresolver:DnsResolver", "network:Subnet"): (
        "no write to the network is in progress then: Azure documents no error code for this, but"
        " refuses other resources that join such a network"
    ),
    (_GATEWAY, _GROUP): _ANOTHER_VAULT,
    (_GATEWAY, _LINK): _ANOTHER_VAULT,
    (_CHART, _GROUP): _BY_NAME,
    (_CHART, _LINK): _BY_NAME,
    (_CHART, _ROLE): _SIGNS_IN,
    (_CHART, "managedidentity:"): _SIGNS_IN,
    (_CHART, "servicenetworking:"): "the chart's controller looks for it as soon as it runs",
    (_OBJECT, _ROLE): "the add-on reads certificates and writes records as soon as it starts",
    (_OBJECT, "managedidentity:"): "the add-on signs in as soon as it starts",
    (_OBJECT, _GROUP): _BY_NAME,
    (_OBJECT, _LINK): _BY_NAME,
    ("kubernetes:apps/", "kubernetes:networking.k8s.io/"): (
        "no pod runs before its namespace denies traffic by default"
    ),
    ("kubernetes:", "kubernetes:"): (
        "the objects of a controller follow each other, and applications follow them: each finds"
        " what it refers to"
    ),
}
"""Why an edge stays although Azure accepts the creation without it, by the beginnings of the type
tokens of the dependent and of the dependency; the first match counts."""


def reason_to_keep(edge: Edge) -> str:
    """The reason why a harmless edge stays, empty where there is none."""
    return next(
        (
            reason
            for (dependent, dependency), reason in REASONS_TO_KEEP.items()
            if edge.dependent.token.startswith(dependent)
            and edge.dependency.token.startswith(dependency)
        ),
        "",
    )


def text(edges: Sequence[Edge]) -> str:
    """One line for each edge, by purpose, and the number of edges of each purpose."""
    rows: list[tuple[str, str]] = []
    for purpose in Purpose:
        for edge in edges:
            if edge.purpose is purpose:
                kept = reason_to_keep(edge) if purpose is Purpose.HARMLESS else ""
                reason = f"{edge.reason}; {kept}" if kept else edge.reason
                how = "/".join(sorted(edge.declared_by - {"parent"}))
                names = f"{edge.dependent.logical_name} → {edge.dependency.logical_name} ({how})"
                rows.append((purpose.value, f"{names}: {reason}"))
    counts = Counter(edge.purpose for edge in edges)
    totals = ", ".join(f"{counts[item]} {item.value}" for item in Purpose if counts[item])
    return "\n".join([grid(rows), "", f"{len(edges)} edges: {totals}."])
