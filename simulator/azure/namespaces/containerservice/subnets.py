"""The subnets of a cluster: size, use, delegation, network and region."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import ceil

from simulator.azure.model import Request
from simulator.azure.namespaces.containerservice.network_profile import pod_ranges
from simulator.azure.namespaces.containerservice.view import CLUSTER, POOL, Pool, View, view
from simulator.azure.namespaces.network.tokens import INTERFACE
from simulator.azure.namespaces.network.virtual_networks import networks, prefixes
from simulator.azure.rules import Refusal, advice, rule
from simulator.store import Resource
from support import arm_ids
from support.nested import at, items

_PLANNING = "Microsoft Learn: azure/aks/concepts-network-ip-address-planning"
_AKS_DELEGATION = "microsoft.containerservice/managedclusters"
_RESERVED = 5  # Addresses that Azure reserves in each subnet.
_NODE_BLOCK = 256  # Addresses of an overlay's pod CIDR that each node uses.
_POD_BATCH = 16  # Addresses of a pod subnet that a node gets at a time.

# The interfaces of machines and of private endpoints use one address of a subnet each.
_SINGLE = (INTERFACE,)


def usable_addresses(subnet: Resource) -> int:
    """Number of addresses that resources can use."""
    blocks = [block for block in networks(prefixes(subnet.inputs)) if block.version == 4]
    return sum(block.num_addresses - _RESERVED for block in blocks)


def _addresses_per_node(cluster: View, pool: Pool) -> int:
    """Number of addresses of the node subnet that a node of the pool uses."""
    return cluster.max_pods(pool) + 1 if cluster.model(pool) == "nodeSubnet" else 1


def _used_by_others(cluster: View, subnet: Resource) -> int:
    """Number of addresses that other clusters' nodes and other resources use."""
    store = cluster.request.cloud.store
    used = 0
    for item in store.referrers(subnet.id):
        if item.token in _SINGLE:
            used += 1
        elif item.token == POOL and not item.id.lower().startswith(cluster.id.lower() + "/"):
            owner = store.get(item.id.rpartition("/agentPools/")[0])
            if owner and arm_ids.same(str(item.inputs.get("vnetSubnetID")), subnet.id):
                other = View(cluster.request, owner.id, owner.inputs, ())
                pool = Pool(item.name, item.inputs)
                used += pool.count * _addresses_per_node(other, pool)
    return used


def _by_subnet(
    cluster: View, needs: Iterable[tuple[str | None, int]]
) -> list[tuple[Resource, int]]:
    """Each existing subnet with the addresses that all pools need of it together.

    `needs` has the id of a subnet, if there is one, and the addresses for each pool.
    """
    sums: Counter[str] = Counter()
    for reference, addresses in needs:
        sums[(reference or "").lower()] += addresses
    found = ((cluster.subnet(reference), needed) for reference, needed in sums.items())
    return [(subnet, needed) for subnet, needed in found if subnet]


@rule(
    "InsufficientSubnetSize",
    CLUSTER,
    POOL,
    source="Microsoft Learn: troubleshoot/azure/azure-kubernetes/create-upgrade-delete/"
    "insufficientsubnetsize-error-advanced-networking",
)
def node_subnets_hold_all_nodes(request: Request) -> Refusal | None:
    """Node subnets need addresses for all pools at their maximum, and for pods that share them."""
    cluster = view(request)
    needs = (
        (pool.node_subnet, pool.max_count * _addresses_per_node(cluster, pool))
        for pool in cluster.pools
    )
    for subnet, needed in _by_subnet(cluster, needs):
        available = usable_addresses(subnet) - _used_by_others(cluster, subnet)
        if needed > available:
            return _insufficient(needed, available, ", ".join(prefixes(subnet.inputs)), subnet.name)
    return None


@rule(
    "InsufficientSubnetSize",
    CLUSTER,
    POOL,
    source="Microsoft Learn: azure/aks/concepts-network-azure-cni-overlay#ip-address-planning",
)
def the_pod_range_holds_all_nodes(request: Request) -> Refusal | None:
    """The pod CIDR of an overlay needs a /24 for each node."""
    cluster = view(request)
    if not cluster.overlay:
        return None
    blocks = [block for block in networks(pod_ranges(cluster)) if block.version == 4]
    available = sum(block.num_addresses for block in blocks)
    needed = sum(pool.max_count for pool in cluster.pools) * _NODE_BLOCK
    if blocks and needed > available:
        name = "networkProfile.podCIDR"
        return Refusal(
            _insufficient(needed, available, ", ".join(map(str, blocks)), name).message, name
        )
    return None


def _insufficient(needed: int, available: int, cidr: str, name: str) -> Refusal:
    return Refusal(
        f"Pre-allocated IPs {needed} exceeds IPs available {available} in subnet CIDR {cidr},"
        f" subnet name {name}. Autoscaled pools count with their maximum.",
        "agentPoolProfile.count",
    )


def _pod_addresses(cluster: View, pool: Pool) -> int:
    """Number of addresses of the pod subnet that a node gets: all blocks, or the first batch."""
    if pool.has("podIPAllocationMode", "StaticBlock", "DynamicIndividual"):
        return _POD_BATCH * ceil((cluster.max_pods(pool) + 1) / _POD_BATCH)
    return _POD_BATCH


@advice(CLUSTER, POOL, source="Microsoft Learn: azure/aks/concepts-network-azure-cni-pod-subnet")
def pod_subnets_hold_all_nodes(request: Request) -> str | None:
    """The service accepts a pod subnet that is too small, but its last nodes then run no pods."""
    cluster = view(request)
    needs = (
        (pool.pod_subnet, pool.max_count * _pod_addresses(cluster, pool)) for pool in cluster.pools
    )
    for subnet, needed in _by_subnet(cluster, needs):
        if needed > usable_addresses(subnet):
            return (
                f"Pod subnet '{subnet.name}' has {usable_addresses(subnet)} addresses; all nodes"
                f" together need {needed}."
            )
    return None


def _delegations(subnet: Resource) -> list[str]:
    return [
        str(at(item, "serviceName") or "").lower() for item in items(subnet.inputs, "delegations")
    ]


@rule(
    "SubnetIsDelegated",
    CLUSTER,
    POOL,
    source="github.com/MicrosoftDocs/azure-docs/issues/69774",
)
def node_subnets_are_not_delegated(request: Request) -> str | None:
    """A node subnet cannot be delegated, not even to AKS."""
    cluster = view(request)
    for pool in cluster.written_pools:
        subnet = cluster.subnet(pool.node_subnet)
        if subnet and _delegations(subnet):
            return f"Subnet {subnet.id} of pool '{pool.name}' is a delegated subnet."
    return None


@advice(CLUSTER, POOL, source="github.com/Azure/ARO-HCP/pull/469")
def pod_subnets_are_delegated_by_aks(request: Request) -> str | None:
    """A pod subnet must not be delegated to another service; AKS delegates it to itself."""
    cluster = view(request)
    for pool in cluster.written_pools:
        subnet = cluster.subnet(pool.pod_subnet)
        if subnet and any(name != _AKS_DELEGATION for name in _delegations(subnet)):
            return f"Pod subnet '{subnet.name}' is delegated to another service than AKS."
    return None


@rule(
    "ApiserverSubnetConfigError",
    CLUSTER,
    source="Microsoft Learn: azure/aks/api-server-vnet-integration",
)
def the_api_servers_subnet_is_its_own(request: Request) -> Refusal | None:
    """The API server needs its own subnet: /28 or larger, in the nodes' network, for AKS only."""
    cluster = view(request)
    target = "apiServerAccessProfile.subnetId"
    subnet = cluster.subnet(at(request.inputs, "apiServerAccessProfile", "subnetId"))
    if subnet is None:
        return None
    if any(name != _AKS_DELEGATION for name in _delegations(subnet)):
        return Refusal(f"Subnet '{subnet.name}' is delegated to another service than AKS.", target)
    if any(block.prefixlen > 28 for block in networks(prefixes(subnet.inputs))):
        return Refusal(f"Subnet '{subnet.name}' is smaller than /28.", target)
    if subnet.id.lower() in {reference.lower() for p in cluster.pools for reference in p.subnets}:
        return Refusal(f"Subnet '{subnet.name}' is also the subnet of a node pool.", target)
    network = cluster.network_id()
    if network and not subnet.id.lower().startswith(network.lower() + "/"):
        return Refusal(f"Subnet '{subnet.name}' is not in the network of the nodes.", target)
    return None


@rule("AgentPoolsWithEmptySubnetError", CLUSTER, POOL, source="github.com/Azure/AKS/issues/2927")
def all_pools_have_a_subnet_or_none(request: Request) -> str | None:
    """Either every pool has a subnet, or none has and AKS creates the network."""
    pools = view(request).pools
    without = [pool.name for pool in pools if not pool.node_subnet]
    if without and len(without) < len(pools):
        return f"Pool '{without[0]}' has no subnet, but other pools have one."
    return None


@rule("InvalidParameter", CLUSTER, POOL, source=_PLANNING)
def all_subnets_are_in_one_network(request: Request) -> Refusal | None:
    """The node and pod subnets of all pools must be in one virtual network."""
    cluster = view(request)
    networks_of_pools = {
        subnet.lower().rpartition("/subnets/")[0]
        for pool in cluster.pools
        for subnet in pool.subnets
    }
    if len(networks_of_pools) > 1:
        return Refusal(
            "The pools' subnets are in several virtual networks:"
            f" {', '.join(sorted(networks_of_pools))}.",
            "agentPoolProfile.vnetSubnetID",
        )
    return None


@rule("InvalidParameter", CLUSTER, POOL, source=_PLANNING)
def nodes_and_pods_have_different_subnets(request: Request) -> Refusal | None:
    """A pool's pod subnet must differ from its node subnet."""
    for pool in view(request).written_pools:
        if pool.pod_subnet and arm_ids.same(pool.pod_subnet, str(pool.node_subnet)):
            return Refusal(
                f"Pool '{pool.name}' has the same subnet for nodes and pods.",
                "agentPoolProfile.podSubnetID",
            )
    return None


@rule("InvalidParameter", CLUSTER, source=_PLANNING)
def the_network_is_in_the_clusters_region(request: Request) -> Refusal | None:
    """The virtual network must be in the cluster's region."""
    cluster = view(request)
    network = request.find(cluster.network_id())
    if network is None:
        return None
    region = str(network.outputs.get("location", ""))
    if not arm_ids.same(region, request.location):
        return Refusal(
            f"Virtual network {network.id} is in {region}, the cluster in {request.location}.",
            "agentPoolProfile.vnetSubnetID",
        )
    return None


TYPES = ()
