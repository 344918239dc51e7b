"""The subnets of a cluster: large enough, free, in one network of the cluster's region."""

from __future__ import annotations

from math import ceil

from simulator.azure.model import Request
from simulator.azure.namespaces.containerservice.network_profile import pod_ranges
from simulator.azure.namespaces.containerservice.view import CLUSTER, POOL, Pool, View, view
from simulator.azure.namespaces.network.virtual_networks import networks, prefixes
from simulator.azure.rules import Refusal, advice, rule
from simulator.store import Resource
from support import arm_ids
from support.nested import at, items

_PLANNING = "Microsoft Learn: azure/aks/concepts-network-ip-address-planning"
_AKS_DELEGATION = "microsoft.containerservice/managedclusters"
_RESERVED = 5  # Addresses that Azure keeps in each subnet.
_NODE_BLOCK = 256  # Addresses of an overlay's pod range that each node takes.
_POD_BATCH = 16  # Addresses of a pod subnet that a node takes at a time.

# Types of which each resource takes one address of a subnet.
_SINGLE = ("network:NetworkInterface", "network:PrivateEndpoint")


def usable(subnet: Resource) -> int:
    """Addresses of a subnet that resources can have."""
    blocks = [block for block in networks(prefixes(subnet.inputs)) if block.version == 4]
    return sum(block.num_addresses - _RESERVED for block in blocks)


def _each(cluster: View, pool: Pool) -> int:
    """Addresses of the node subnet that a node of the pool takes."""
    return cluster.max_pods(pool) + 1 if cluster.model(pool) == "nodeSubnet" else 1


def _taken_by_others(cluster: View, subnet: Resource) -> int:
    """Addresses of the subnet that other clusters' nodes and other resources have."""
    store = cluster.request.cloud.store
    taken = 0
    for item in store.referrers(subnet.id):
        if item.token in _SINGLE:
            taken += 1
        elif item.token == POOL and not item.id.lower().startswith(cluster.id.lower() + "/"):
            owner = store.get(item.id.rpartition("/agentPools/")[0])
            if owner and arm_ids.same(str(item.inputs.get("vnetSubnetID")), subnet.id):
                other = View(cluster.request, owner.id, owner.inputs, ())
                pool = Pool(item.name, item.inputs)
                taken += pool.count * _each(other, pool)
    return taken


@rule(
    "InsufficientSubnetSize",
    CLUSTER,
    POOL,
    source="Microsoft Learn: troubleshoot/azure/azure-kubernetes/create-upgrade-delete/"
    "insufficientsubnetsize-error-advanced-networking",
)
def node_subnets_hold_all_nodes(request: Request) -> Refusal | None:
    """Every pool at its most nodes, each with the addresses of its pods where they share it."""
    cluster = view(request)
    needs: dict[str, int] = {}
    for pool in cluster.pools:
        if pool.node_subnet:
            key = pool.node_subnet.lower()
            needs[key] = needs.get(key, 0) + pool.most * _each(cluster, pool)
    for reference, needed in needs.items():
        subnet = cluster.subnet(reference)
        if subnet is None:
            continue
        available = usable(subnet) - _taken_by_others(cluster, subnet)
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
    """Each node of an overlay takes a /24 of the pod range."""
    cluster = view(request)
    if not cluster.overlay:
        return None
    blocks = [block for block in networks(pod_ranges(cluster)) if block.version == 4]
    available = sum(block.num_addresses for block in blocks)
    needed = sum(pool.most for pool in cluster.pools) * _NODE_BLOCK
    if blocks and needed > available:
        name = "networkProfile.podCIDR"
        return Refusal(
            _insufficient(needed, available, ", ".join(map(str, blocks)), name).message, name
        )
    return None


def _insufficient(needed: int, available: int, cidr: str, name: str) -> Refusal:
    return Refusal(
        f"Pre-allocated IPs {needed} exceeds IPs available {available} in subnet CIDR {cidr},"
        f" subnet name {name}. The most nodes of every autoscaled pool count.",
        "agentPoolProfile.count",
    )


def _pod_addresses(cluster: View, pool: Pool) -> int:
    """Addresses of the pod subnet that a node takes: all of its blocks, or the first batch."""
    if pool.is_("podIPAllocationMode", "StaticBlock", "DynamicIndividual"):
        return _POD_BATCH * ceil((cluster.max_pods(pool) + 1) / _POD_BATCH)
    return _POD_BATCH


@advice(CLUSTER, POOL, source="Microsoft Learn: azure/aks/concepts-network-azure-cni-pod-subnet")
def pod_subnets_hold_all_nodes(request: Request) -> str | None:
    """The service accepts a pod subnet that is too small; its last nodes then run no pods."""
    cluster = view(request)
    needs: dict[str, int] = {}
    for pool in cluster.pools:
        if pool.pod_subnet:
            key = pool.pod_subnet.lower()
            needs[key] = needs.get(key, 0) + pool.most * _pod_addresses(cluster, pool)
    for reference, needed in needs.items():
        subnet = cluster.subnet(reference)
        if subnet and needed > usable(subnet):
            return (
                f"Pod subnet '{subnet.name}' has {usable(subnet)} addresses; all nodes together"
                f" take {needed}."
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
    """To nobody, AKS itself included."""
    cluster = view(request)
    for pool in cluster.written:
        subnet = cluster.subnet(pool.node_subnet)
        if subnet and _delegations(subnet):
            return f"Subnet {subnet.id} of pool '{pool.name}' is a delegated subnet."
    return None


@advice(CLUSTER, POOL, source="github.com/Azure/ARO-HCP/pull/469")
def pod_subnets_are_delegated_by_aks(request: Request) -> str | None:
    """AKS delegates a pod subnet itself; delegated to another service it cannot be used."""
    cluster = view(request)
    for pool in cluster.written:
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
    """Delegated to AKS, a /28 or larger, in the nodes' network, with nothing else in it."""
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
        return Refusal(f"Subnet '{subnet.name}' is a node pool's too.", target)
    network = cluster.network_id()
    if network and not subnet.id.lower().startswith(network.lower() + "/"):
        return Refusal(f"Subnet '{subnet.name}' is in another network than the nodes.", target)
    return None


@rule("AgentPoolsWithEmptySubnetError", CLUSTER, POOL, source="github.com/Azure/AKS/issues/2927")
def all_pools_have_a_subnet_or_none(request: Request) -> str | None:
    """Either AKS makes the network for the whole cluster, or every pool names its subnet."""
    pools = view(request).pools
    without = [pool.name for pool in pools if not pool.node_subnet]
    if without and len(without) < len(pools):
        return f"Pool '{without[0]}' has no subnet, while others have one."
    return None


@rule("InvalidParameter", CLUSTER, POOL, source=_PLANNING)
def all_subnets_are_in_one_network(request: Request) -> Refusal | None:
    """Node and pod subnets of all pools belong to one virtual network."""
    cluster = view(request)
    found = {
        subnet.lower().rpartition("/subnets/")[0]
        for pool in cluster.pools
        for subnet in pool.subnets
    }
    if len(found) > 1:
        return Refusal(
            f"The pools' subnets are in several virtual networks: {', '.join(sorted(found))}.",
            "agentPoolProfile.vnetSubnetID",
        )
    return None


@rule("InvalidParameter", CLUSTER, POOL, source=_PLANNING)
def nodes_and_pods_have_different_subnets(request: Request) -> Refusal | None:
    """A pod subnet is not its pool's node subnet."""
    for pool in view(request).written:
        if pool.pod_subnet and arm_ids.same(pool.pod_subnet, str(pool.node_subnet)):
            return Refusal(
                f"Pool '{pool.name}' has one subnet for nodes and pods.",
                "agentPoolProfile.podSubnetID",
            )
    return None


@rule("InvalidParameter", CLUSTER, source=_PLANNING)
def the_network_is_in_the_clusters_region(request: Request) -> Refusal | None:
    """Region and subscription of the virtual network are the cluster's."""
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
