"""Quotas: what the stack needs initially and at its maximum, compared with what is free."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cli.doctor.checks import capacity
from cli.doctor.context import Context, State
from cli.doctor.findings import CheckUnavailable, Finding, failed, ok, warning
from cli.doctor.planned_resources import tokens
from components.addressing.subnet_sizes import Surge
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
"""The names of each network quota, the resource type that it counts, and its title."""

REQUEST = "az quota update, or in the portal: Quotas"


@dataclass(frozen=True)
class Cores:
    """vCPUs of one quota."""

    initial: int = 0
    """With every pool at its minimum."""
    maximum: int = 0
    """With every pool at its maximum, during an upgrade."""

    def __add__(self, other: Cores) -> Cores:
        return Cores(self.initial + other.initial, self.maximum + other.maximum)


def cores(settings: Settings, known: dict[str, dict[str, Any]]) -> dict[str, Cores]:
    """The vCPUs that the stack needs, by quota.

    `known` are the sizes of the region. Machines of other sizes are left out: the check of sizes
    reports them.
    """
    needed: dict[str, Cores] = {}

    def add(size: str, initial: int, maximum: int, *, spot: bool = False) -> None:
        row = known.get(size.lower())
        if row is None:
            return
        each = int(capacity.capability(row, "vCPUs") or 0)
        added = Cores(initial * each, maximum * each)
        for quota in (SPOT,) if spot else (REGIONAL, str(row["family"])):
            needed[quota] = needed.get(quota, Cores()) + added

    for pool in settings.cluster.node_pools:
        # Spot pools have no surge nodes.
        surge = 0 if pool.spot else Surge.parse(pool.max_surge).nodes(pool.max_count)
        add(pool.vm_size, pool.min_count, pool.max_count + surge, spot=pool.spot)
    box = settings.management.jump_box
    if box is not None and settings.management.existing is None:
        add(box.vm_size, 1, 1)
    return needed


def in_use(state: State | None, known: dict[str, dict[str, Any]]) -> Counter[str]:
    """The vCPUs that the stack's machines use already, by quota, from the counts in the state."""
    used: Counter[str] = Counter()
    if state is None:
        return used

    def add(size: Any, count: Any, *, spot: bool = False) -> None:
        row = known.get(str(size).lower())
        if row is not None:
            each = int(capacity.capability(row, "vCPUs") or 0) * int(count or 0)
            for quota in (SPOT,) if spot else (REGIONAL, str(row["family"])):
                used[quota] += each

    # After a refresh the cluster also lists the pools that are resources of their own.
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
    return used


def compute(context: Context) -> Iterator[Finding]:
    """The vCPU quotas of each family, of the region, and of spot machines suffice."""
    location, known = context.settings.location, capacity.skus(context)
    usages = _usages(context, "Microsoft.Compute", COMPUTE_API)
    own = in_use(context.state.get(), known)
    for quota, needed in cores(context.settings, known).items():
        usage = usages.get(quota.lower())
        name = "Quota of vCPUs"
        if usage is None:
            raise CheckUnavailable(
                f"Azure reports no quota {quota} in {location}",
                f"az vm list-usage --location {location} --output table",
            )
        shown = text(usage, "name", "localizedValue") or quota
        free = int(usage["limit"]) - int(usage["currentValue"]) + own[quota]
        left = f"{max(free, 0)} of {usage['limit']} free"
        figures = f"needs {needed.initial} initially, {needed.maximum} at maximum; {left}"
        if needed.initial > free:
            yield failed(
                name, f"{shown}: {figures}", f"raise it by {needed.maximum - free}: {REQUEST}"
            )
        elif needed.maximum > free:
            yield warning(
                name,
                f"{shown}: {figures}; an upgrade with every pool at its maximum would fail",
                f"raise it by {needed.maximum - free} ({REQUEST}), or lower maxCount or maxSurge",
            )
        else:
            yield ok(name, f"{shown}: {figures}")


def network(context: Context) -> Iterator[Finding]:
    """The network quotas suffice for the resources that are still to be created."""
    usages = _usages(context, "Microsoft.Network", NETWORK_API)
    counts = Counter(tokens(context.new))
    settings = context.settings
    if not _has_cluster(context.state.get()):
        # AKS creates these itself, in the node resource group.
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
                f"{needed} to create; {max(free, 0)} of {usage['limit']} free",
                f"raise it by {needed - free}: {REQUEST}",
            )
        else:
            enough.append(f"{what} {needed} of {free}")
    if enough:
        yield ok("Network quotas", f"to create, of those free: {', '.join(enough)}")
    elif not any(counts[token] for _, token, _ in COUNTED):
        yield ok("Network quotas", "nothing to create")


def _has_cluster(state: State | None) -> bool:
    return state is not None and bool(state.of_type("containerservice:ManagedCluster"))


def _usages(context: Context, provider: str, api: str) -> dict[str, dict[str, Any]]:
    """The rows `{name: {value, localizedValue}, currentValue, limit}`, by lower-case name."""
    location = context.settings.location
    path = f"{context.subscription}/providers/{provider}/locations/{location}/usages"
    return {text(row, "name", "value").lower(): row for row in context.azure.list(path, api)}
