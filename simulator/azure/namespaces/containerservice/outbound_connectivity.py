"""Whether nodes have outbound connectivity through their default route when they start."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.azure.model import Request
from simulator.azure.namespaces.containerservice.view import CLUSTER, POOL, view
from simulator.azure.namespaces.network.peering_sync import CONNECTED, PEERING, remote_id
from simulator.azure.namespaces.network.prefixes import network_prefixes, overlaps, prefixes
from simulator.azure.namespaces.network.routes import default_routes
from simulator.azure.namespaces.network.tokens import FIREWALL
from simulator.azure.rules import rule
from simulator.store import MemoryStore, Resource
from support import arm_ids
from support.nested import at, items

_NETWORK, _SUBNET = "network:VirtualNetwork", "network:Subnet"
_RULES = "network:FirewallPolicyRuleCollectionGroup"


@rule(
    "VMExtensionProvisioningError",
    CLUSTER,
    POOL,
    source="Microsoft Learn: troubleshoot/azure/azure-kubernetes/error-codes/"
    "outboundconnfailvmextensionerror",
)
def nodes_reach_the_outside_when_they_start(request: Request) -> str | None:
    """Nodes need a next hop that is in their network or in a connected peer, and forwards traffic.

    In Azure the creation fails after some minutes, when the first node starts. Here it fails at
    once.
    """
    cluster = view(request)
    if cluster.outbound != "userdefinedrouting":
        return None
    for pool in cluster.written_pools:
        subnet = cluster.subnet(pool.node_subnet)
        if subnet is None:
            continue
        for address in next_hops(request.cloud.store, subnet):
            if why := _not_forwarded(request, subnet.id.rsplit("/", 2)[0], address):
                return (
                    "OutboundConnFailVMExtensionError: Unable to establish outbound connection from"
                    f" agents (exit status=50) by {address}: {why}."
                )
    return None


def next_hops(store: MemoryStore, subnet: Resource) -> Iterator[str]:
    """Next hop addresses of the default routes in a subnet's route table."""
    table = store.get(str(at(subnet.inputs, "routeTable", "id") or ""))
    if table is None:
        return
    for route in default_routes(store, table):
        if route.get("nextHopIpAddress"):
            yield str(route["nextHopIpAddress"])


def owners(store: MemoryStore, address: str) -> list[Resource]:
    """The networks that contain an address."""
    return [
        network
        for network in store.of_type(_NETWORK)
        if overlaps(network_prefixes(network.inputs), [address])
    ]


def reachable(store: MemoryStore, here: str, found: list[Resource]) -> list[Resource]:
    """Those of these networks that are the network `here` or its connected peers."""
    connected = {
        remote_id(item.inputs).lower()
        for item in store.below(here, PEERING)
        if at(item.outputs, "peeringState") == CONNECTED
    }
    return [network for network in found if network.id.lower() in {here.lower(), *connected}]


def out_of_reach(store: MemoryStore, here: str, owner: Resource) -> str:
    """Why no peering connects the network `here` with another one."""
    for peering in store.below(here, PEERING):
        if arm_ids.same(remote_id(peering.inputs), owner.id):
            state = at(peering.outputs, "peeringState")
            return f"{peering.id}, which leads to {owner.id}, is {state} and not {CONNECTED}"
    return f"{owner.id}, which contains the address, is not peered with {here}"


def subnet_of(store: MemoryStore, network: Resource, address: str) -> Resource | None:
    """The subnet of a network that contains an address."""
    for subnet in store.below(network.id, _SUBNET):
        if overlaps(prefixes(subnet.inputs), [address]):
            return subnet
    return None


def _not_forwarded(request: Request, here: str, address: str) -> str | None:
    """Why the address does not forward traffic from the network `here`; None if it may."""
    store = request.cloud.store
    found = owners(store, address)
    if not found:
        return f"no network that is peered with {here} contains the address"
    networks = reachable(store, here, found)
    if not networks:
        return out_of_reach(store, here, found[0])
    for network in networks:
        subnet = subnet_of(store, network, address)
        if subnet is not None and subnet.name.lower() == "azurefirewallsubnet":
            return _no_open_firewall(request, subnet)
    return None


def firewalls_in(store: MemoryStore, subnet: Resource) -> Iterator[Resource]:
    """The firewalls in a subnet."""
    for firewall in store.of_type(FIREWALL):
        configurations = items(firewall.inputs, "ipConfigurations")
        if any(arm_ids.same(str(at(item, "subnet", "id")), subnet.id) for item in configurations):
            yield firewall


def firewall_of(store: MemoryStore, subnet: Resource) -> Resource | None:
    """The firewall that the default route of a subnet leads to, if it is known."""
    for address in next_hops(store, subnet):
        for candidate in store.of_type(_SUBNET):
            if overlaps(prefixes(candidate.inputs), [address]):
                found = next(firewalls_in(store, candidate), None)
                if found is not None:
                    return found
    return None


def _no_open_firewall(request: Request, subnet: Resource) -> str | None:
    """Why no firewall in its subnet forwards traffic; None if one does."""
    for firewall in firewalls_in(request.cloud.store, subnet):
        policy = str(at(firewall.inputs, "firewallPolicy", "id"))
        inline = [key for key, value in firewall.inputs.items() if value and "RuleColl" in key]
        if inline or request.cloud.store.below(policy, _RULES):
            return None
        return f"{firewall.id} has no rules, so it denies everything"
    return f"{subnet.id} contains no firewall"


TYPES = ()
