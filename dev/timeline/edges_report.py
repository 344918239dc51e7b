"""The list of a graph's edges with what each is for, as text. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from dev.timeline.edges import Edge, Verdict

_ROLE, _GROUP = "authorization:RoleAssignment", "network:PrivateDnsZoneGroup"
_LINK, _GATEWAY = "privatedns:VirtualNetworkLink", "network:ApplicationGateway"
_NGINX, _CHART = "kubernetes:approuting.kubernetes.azure.com", "kubernetes:helm.sh"
_BY_NAME = "it reads certificates by the vault's private name"
_ANOTHER_VAULT = "needed where the certificate is in the deployment's own vault"
_SIGNS_IN = "the chart's controller signs in as soon as it runs"

KEPT = {
    ("containerservice:ManagedCluster", _ROLE): (
        "internal load balancers take addresses of the ingress subnet from the first Service on;"
        " on the node subnet the narrower role stays when the network's goes"
    ),
    ("network:FlowLog", _ROLE): (
        "flow logs write by it (network-watcher/vnet-flow-logs-managed-identity)"
    ),
    ("dnsresolver:DnsResolver", "network:Subnet"): (
        "the network is at rest: Azure publishes no code, but what else joins one is refused"
    ),
    (_GATEWAY, _GROUP): _ANOTHER_VAULT,
    (_GATEWAY, _LINK): _ANOTHER_VAULT,
    (_NGINX, _ROLE): "the add-on reads certificates and writes records for its controller at once",
    (_NGINX, _GROUP): _BY_NAME,
    (_NGINX, _LINK): _BY_NAME,
    (_CHART, _GROUP): _BY_NAME,
    (_CHART, _LINK): _BY_NAME,
    (_CHART, _ROLE): _SIGNS_IN,
    (_CHART, "managedidentity:"): _SIGNS_IN,
    (_CHART, "servicenetworking:"): "the chart's controller looks for it as soon as it runs",
    ("kubernetes:apps/", "kubernetes:networking.k8s.io/"): (
        "no pod runs before its namespace denies by default"
    ),
    ("kubernetes:", "kubernetes:"): (
        "a controller's objects come one after the other, applications after them: each finds what"
        " it names"
    ),
}
"""Why an edge stays that Azure would not miss when it creates: by the beginnings of the type tokens
of who waits and of what it waits for; the first that fits."""


def kept_for(edge: Edge) -> str:
    """The reason why a harmless edge stays, empty where there is none."""
    return next(
        (
            reason
            for (waiting, before), reason in KEPT.items()
            if edge.waiting.token.startswith(waiting) and edge.before.token.startswith(before)
        ),
        "",
    )


def text(edges: Sequence[Edge]) -> str:
    """One line an edge, by what it is for, and the count of each kind."""
    lines: list[str] = []
    for verdict in Verdict:
        for edge in edges:
            if edge.verdict is verdict:
                kept = kept_for(edge) if verdict is Verdict.HARMLESS else ""
                reason = f"{edge.reason}; {kept}" if kept else edge.reason
                how = "/".join(sorted(edge.said - {"parent"}))
                names = f"{edge.waiting.logical_name} → {edge.before.logical_name} ({how})"
                lines.append(f"{verdict.value:10}  {names}: {reason}")
    counts = Counter(edge.verdict for edge in edges)
    totals = ", ".join(f"{counts[one]} {one.value}" for one in Verdict if counts[one])
    return "\n".join([*lines, "", f"{len(edges)} edges: {totals}."])
