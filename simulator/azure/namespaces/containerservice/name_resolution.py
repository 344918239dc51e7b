"""Whether nodes resolve names when they start, where their network has DNS servers of its own.

In Azure the creation fails after some minutes, when the first node starts. Here it fails at once.
"""

from __future__ import annotations

from collections.abc import Iterator

from simulator.azure.model import Request
from simulator.azure.namespaces.containerservice import outbound_connectivity as outbound
from simulator.azure.namespaces.containerservice.view import CLUSTER, POOL, View, view
from simulator.azure.namespaces.network.peering_sync import PEERING
from simulator.azure.namespaces.network.tokens import GATEWAY
from simulator.azure.rules import Refusal, rule
from simulator.store import MemoryStore, Resource
from support import arm_ids
from support.nested import at, items

_ERRORS = "Microsoft Learn: troubleshoot/azure/azure-kubernetes/error-codes"
_CUSTOM_DNS = "Microsoft Learn: azure/aks/private-clusters#hub-and-spoke-with-custom-dns"
_LINK, _ENDPOINT = "privatedns:VirtualNetworkLink", "dnsresolver:InboundEndpoint"


def _networks(request: Request, cluster: View) -> Iterator[tuple[Resource, Resource, list[str]]]:
    """(node subnet, its network, the network's DNS servers) of each written pool that has some."""
    for pool in cluster.written_pools:
        subnet = cluster.subnet(pool.node_subnet)
        network = request.cloud.store.get(subnet.id.rsplit("/", 2)[0]) if subnet else None
        servers = items(network.inputs, "dhcpOptions", "dnsServers") if network else []
        if subnet and network and servers:
            yield subnet, network, [str(server) for server in servers]


@rule(
    "VMExtensionProvisioningError",
    CLUSTER,
    POOL,
    source=f"{_ERRORS}/outboundconnfailvmextensionerror",
)
def nodes_reach_a_dns_server_when_they_start(request: Request) -> str | None:
    """Without an answer nodes do not find mcr.microsoft.com, which they ask for first."""
    for subnet, network, servers in _networks(request, view(request)):
        reasons = {one: _silent(request.cloud.store, subnet, network, one) for one in servers}
        if all(reasons.values()):
            why = "; ".join(f"{server}: {reason}" for server, reason in reasons.items())
            return (
                "OutboundConnFailVMExtensionError: Unable to establish outbound connection from"
                f" agents (exit status=50): mcr.microsoft.com does not resolve, because no DNS"
                f" server of {network.id} answers: {why}."
            )
    return None


@rule(
    "VMExtensionProvisioningError",
    CLUSTER,
    POOL,
    source=f"{_ERRORS}/vmextensionerror-k8sapiserverdnslookupfail",
)
def nodes_find_a_private_api_server_when_they_start(request: Request) -> str | None:
    """The first DNS server that answers must be in a network that the private zone is linked to.

    A server in a network that is not known here may forward to one that is.
    """
    cluster = view(request)
    if not at(cluster.inputs, "apiServerAccessProfile", "enablePrivateCluster"):
        return None
    store = request.cloud.store
    for subnet, network, servers in _networks(request, cluster):
        answering = [one for one in servers if not _silent(store, subnet, network, one)]
        holders = outbound.owners(store, answering[0]) if answering else []
        linked = _linked(store, cluster, network)
        if not holders or linked is None:
            continue
        if not any(holder.id.lower() in linked for holder in holders):
            return (
                "VMExtensionError_K8SAPIServerDNSLookupFail: Agents are unable to resolve"
                " Kubernetes API server name (exit status=52). It's likely custom DNS server is not"
                f" correctly configured: {answering[0]} is in {holders[0].id}, to which the private"
                " DNS zone of the cluster is not linked."
            )
    return None


@rule("BadRequest", CLUSTER, source=_CUSTOM_DNS)
def a_private_kubenet_cluster_uses_azures_dns(request: Request) -> Refusal | None:
    """The creation fails with kubenet, a route table and DNS servers of one's own."""
    cluster = view(request)
    private = at(request.inputs, "apiServerAccessProfile", "enablePrivateCluster")
    if request.old is not None or not private or cluster.plugin != "kubenet":
        return None
    for subnet, network, _ in _networks(request, cluster):
        if at(subnet.inputs, "routeTable", "id"):
            return Refusal(
                f"A private cluster with kubenet cannot be created in {subnet.id}, which has a"
                f" route table, while {network.id} has custom DNS servers.",
                "apiServerAccessProfile.enablePrivateCluster",
            )
    return None


def _linked(store: MemoryStore, cluster: View, nodes: Resource) -> set[str] | None:
    """Ids of the networks in which the API server's name resolves; None if it is a public name."""
    access = cluster.inputs["apiServerAccessProfile"]
    zone = str(at(access, "privateDNSZone") or "system")
    if zone.lower() == "none" or at(access, "enablePrivateClusterPublicFQDN"):
        return None
    # AKS links the nodes' network itself (Azure/AKS#2711).
    linked = {nodes.id.lower()}
    if zone.startswith("/"):
        links = store.below(zone, _LINK)
        linked |= {str(at(link.inputs, "virtualNetwork", "id")).lower() for link in links}
    return linked


def _silent(store: MemoryStore, subnet: Resource, network: Resource, server: str) -> str | None:
    """Why a DNS server does not answer the nodes of a subnet; None if it may."""
    found = outbound.owners(store, server)
    routed = _has_gateway(store, network) or any(outbound.next_hops(store, subnet))
    if not found:
        return None if routed else "no known network contains it, and no gateway leads out"
    reachable = outbound.reachable(store, network.id, found)
    if not reachable:
        return None if routed else outbound.out_of_reach(store, network.id, found[0])
    for holder in reachable:
        place = outbound.subnet_of(store, holder, server)
        if place is not None and (why := _no_service(store, place, server)):
            return why
    return None


def _has_gateway(store: MemoryStore, network: Resource) -> bool:
    """Whether a network has a gateway to on-premises, or uses that of a peer."""
    if any(at(item.inputs, "useRemoteGateways") for item in store.below(network.id, PEERING)):
        return True
    subnets = [
        str(at(part, "subnet", "id"))
        for gateway in store.of_type(GATEWAY)
        for part in items(gateway.inputs, "ipConfigurations")
    ]
    return any(one.lower().startswith(f"{network.id.lower()}/subnets/") for one in subnets)


def _no_service(store: MemoryStore, subnet: Resource, server: str) -> str | None:
    """Why nothing answers at an address in the subnet of a service; None elsewhere."""
    if subnet.name.lower() == "azurefirewallsubnet":
        for firewall in outbound.firewalls_in(store, subnet):
            policy = store.get(str(at(firewall.inputs, "firewallPolicy", "id")))
            if policy is not None and at(policy.inputs, "dnsSettings", "enableProxy"):
                return None
            return f"{firewall.id} has no DNS proxy"
        return f"{subnet.id} contains no firewall"
    services = [at(one, "serviceName") for one in items(subnet.inputs, "delegations")]
    if "Microsoft.Network/dnsResolvers" not in services:
        return None
    for endpoint in store.of_type(_ENDPOINT):
        for part in items(endpoint.inputs, "ipConfigurations"):
            here = arm_ids.same(str(at(part, "subnet", "id")), subnet.id)
            if here and part.get("privateIpAddress") == server:
                return None
    return f"{subnet.id} contains no inbound endpoint with this address"


TYPES = ()
