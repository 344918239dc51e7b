"""Quotas: what a deployment takes, at first and at its largest, against what is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cli.doctor.checks import capacity
from cli.doctor.context import State, Subject
from cli.doctor.findings import Finding, Unanswered, failed, ok, warning
from cli.doctor.planned_resources import tokens
from components.addressing.demand import Surge
from components.settings.stack import Settings
from support.nested import at, items, text

COMPUTE_API = "2024-07-01"
"""Microsoft Learn: rest/api/compute/usage/list. The rows are `cores` (all of the region),
`lowPriorityCores` (spot) and one for each family of sizes, by the family's name in the list of
sizes."""
NETWORK_API = "2024-05-01"
"""Microsoft Learn: rest/api/virtualnetwork/usages/list."""

REGIONAL, SPOT = "cores", "lowPriorityCores"

COUNTED: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("VirtualNetworks",), "network:VirtualNetwork", "virtual networks"),
    (("NetworkSecurityGroups",), "network:NetworkSecurityGroup", "network security groups"),
    (("RouteTables",), "network:RouteTable", "route tables"),
    (("NatGateways",), "network:NatGateway", "NAT gateways"),
    (("ApplicationGateways",), "network:ApplicationGateway", "application gateways"),
    (("PrivateEndpoints",), "network:PrivateEndpoint", "private endpoints"),
    (("PublicIPAddresses",), "network:PublicIPAddress", "public addresses"),
    (
        # Subscriptions report one or the other.
        ("StandardSkuPublicIpAddresses", "IPv4StandardSkuPublicIpAddresses"),
        "network:PublicIPAddress",
        "Standard public addresses",
    ),
)
"""Names of a network quota, the resource type that it counts, and what to call it."""

REQUEST = "az quota update, or in the portal: Quotas"


@dataclass(frozen=True)
class Cores:
    """vCPUs of one quota."""

    first: int = 0
    """To begin with."""
    most: int = 0
    """With every pool at its maximum and being upgraded."""

    def __add__(self, other: Cores) -> Cores:
        return Cores(self.first + other.first, self.most + other.most)


def cores(settings: Settings, known: dict[str, dict[str, Any]]) -> dict[str, Cores]:
    """VCPUs by the name of the quota that they count against.

    `known` are the sizes of the region; machines of other sizes are left out, since the check of
    sizes has failed then.
    """
    needed: dict[str, Cores] = {}

    def add(size: str, first: int, most: int, *, spot: bool = False) -> None:
        row = known.get(size.lower())
        if row is None:
            return
        each = int(capacity.capability(row, "vCPUs") or 0)
        taken = Cores(first * each, most * each)
        for quota in (SPOT,) if spot else (REGIONAL, str(row["family"])):
            needed[quota] = needed.get(quota, Cores()) + taken

    for pool in settings.cluster.node_pools:
        # Azure takes no surge for spot pools.
        surge = 0 if pool.spot else Surge.parse(pool.max_surge).nodes(pool.max_count)
        add(pool.vm_size, pool.min_count, pool.max_count + surge, spot=pool.spot)
    box = settings.management.jump_box
    if box is not None and settings.management.existing is None:
        add(box.vm_size, 1, 1)
    return needed


def held(state: State | None, known: dict[str, dict[str, Any]]) -> Counter[str]:
    """VCPUs by quota that the stack's machines take already, by the state's own counts."""
    taken: Counter[str] = Counter()
    if state is None:
        return taken

    def add(size: Any, count: Any, *, spot: bool = False) -> None:
        row = known.get(str(size).lower())
        if row is not None:
            each = int(capacity.capability(row, "vCPUs") or 0) * int(count or 0)
            for quota in (SPOT,) if spot else (REGIONAL, str(row["family"])):
                taken[quota] += each

    # A cluster that was refreshed names the pools that are resources of their own, too.
    pools: dict[str, Any] = {}
    for item in state.of_type("containerservice:ManagedCluster"):
        for pool in items(item, "outputs", "agentPoolProfiles"):
            pools[f"{item.get('id')}/agentPools/{pool.get('name')}".lower()] = pool
    for item in state.of_type("containerservice:AgentPool"):
        pools[str(item.get("id")).lower()] = at(item, "outputs")
    for pool in pools.values():
        spot = at(pool, "scaleSetPriority") == "Spot"
        add(at(pool, "vmSize"), at(pool, "count"), spot=spot)
    for item in state.of_type("compute:VirtualMachine"):
        add(at(item, "outputs", "hardwareProfile", "vmSize"), 1)
    return taken


def compute(subject: Subject) -> Iterator[Finding]:
    """VCPUs of each family, of the region, and spot ones."""
    location, known = subject.settings.location, capacity.skus(subject)
    usages = _usages(subject, "Microsoft.Compute", COMPUTE_API)
    mine = held(subject.state.get(), known)
    for quota, needed in cores(subject.settings, known).items():
        usage = usages.get(quota.lower())
        name = "Quota of vCPUs"
        if usage is None:
            raise Unanswered(
                f"Azure reports no quota {quota} in {location}",
                f"az vm list-usage --location {location} --output table",
            )
        shown = text(usage, "name", "localizedValue") or quota
        free = int(usage["limit"]) - int(usage["currentValue"]) + mine[quota]
        left = f"{max(free, 0)} of {usage['limit']} free"
        figures = f"{needed.first} at first, {needed.most} at most; {left}"
        if needed.first > free:
            yield failed(
                name, f"{shown}: {figures}", f"raise it by {needed.most - free}: {REQUEST}"
            )
        elif needed.most > free:
            yield warning(
                name,
                f"{shown}: {figures}; pools can't grow to their maximum and be upgraded there",
                f"raise it by {needed.most - free} ({REQUEST}), or lower maxCount or maxSurge",
            )
        else:
            yield ok(name, f"{shown}: {figures}")


def network(subject: Subject) -> Iterator[Finding]:
    """Networks, public addresses and the like that are still to be made."""
    usages = _usages(subject, "Microsoft.Network", NETWORK_API)
    counts = Counter(tokens(subject.new))
    settings = subject.settings
    if not _has_cluster(subject.state.get()):
        # AKS makes these itself, in the group of the nodes.
        counts["network:PublicIPAddress"] += settings.network.egress == "load-balancer"
        counts["network:PublicIPAddress"] += settings.ingress.exposure == "external"
    enough: list[str] = []
    for names, token, what in COUNTED:
        usage = next((usages[name.lower()] for name in names if name.lower() in usages), None)
        needed = counts[token]
        if usage is None or not needed:
            continue
        free = int(usage["limit"]) - int(usage["currentValue"])
        if needed > free:
            yield failed(
                f"Quota of {what}",
                f"{needed} to be made; {max(free, 0)} of {usage['limit']} free",
                f"raise it by {needed - free}: {REQUEST}",
            )
        else:
            enough.append(f"{what} {needed} of {free}")
    if enough:
        yield ok("Network quotas", f"to be made, of those free: {', '.join(enough)}")
    elif not any(counts[token] for _, token, _ in COUNTED):
        yield ok("Network quotas", "nothing is still to be made")


def _has_cluster(state: State | None) -> bool:
    return state is not None and bool(state.of_type("containerservice:ManagedCluster"))


def _usages(subject: Subject, provider: str, api: str) -> dict[str, dict[str, Any]]:
    """Rows of `{name: {value, localizedValue}, currentValue, limit}` by lower-case name."""
    location = subject.settings.location
    path = f"{subject.subscription}/providers/{provider}/locations/{location}/usages"
    return {text(row, "name", "value").lower(): row for row in subject.answers.list(path, api)}
