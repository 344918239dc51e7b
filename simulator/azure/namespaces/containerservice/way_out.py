"""Whether what nodes send to their default route's next hop is forwarded, when they start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.azure.model import Request
from simulator.azure.namespaces.containerservice.view import CLUSTER, POOL, view
from simulator.azure.namespaces.network.prefixes import network_prefixes, overlaps, prefixes
from simulator.azure.namespaces.network.users import FIREWALL
from simulator.azure.rules import rule
from simulator.store import Resource
from support import arm_ids
from support.nested import at, items

_NETWORK, _SUBNET = "network:VirtualNetwork", "network:Subnet"
_PEERING = "network:VirtualNetworkPeering"
_RULES = "network:FirewallPolicyRuleCollectionGroup"


@rule(
    "VMExtensionProvisioningError",
    CLUSTER,
    POOL,
    source="Microsoft Learn: troubleshoot/azure/azure-kubernetes/error-codes/"
    "outboundconnfailvmextensionerror",
)
def nodes_reach_the_outside_when_they_start(request: Request) -> str | None:
    """The next hop can be reached and lets something through, as far as it is in these networks.

    Azure finds out after some minutes, when the first node starts; here at once.
    """
    cluster = view(request)
    if cluster.outbound != "userdefinedrouting":
        return None
    for pool in cluster.written:
        subnet = cluster.subnet(pool.node_subnet)
        if subnet is None:
            continue
        for address in _next_hops(request, subnet):
            if why := _not_forwarded(request, subnet.id.rsplit("/", 2)[0], address):
                return (
                    "CSE failed with 'VMExtensionError_OutBoundConnFail': nodes cannot establish"
                    f" outbound connectivity by {address}: {why}."
                )
    return None


def _next_hops(request: Request, subnet: Resource) -> Iterator[str]:
    """Addresses that the default routes of the subnet's own table lead to."""
    table = request.find(at(subnet.inputs, "routeTable"))
    if table is None:
        return
    children = request.cloud.store.below(table.id, "network:Route")
    routes: list[Any] = [*items(table.inputs, "routes"), *(item.inputs for item in children)]
    for route in routes:
        if at(route, "addressPrefix") == "0.0.0.0/0" and at(route, "nextHopIpAddress"):
            yield str(at(route, "nextHopIpAddress"))


def _not_forwarded(request: Request, here: str, address: str) -> str | None:
    """Why what is sent to the address from the network `here` goes no further."""
    store = request.cloud.store
    holding = [
        network
        for network in store.of_type(_NETWORK)
        if overlaps(network_prefixes(network.inputs), [address])
    ]
    remotes = [
        str(at(peering.inputs, "remoteVirtualNetwork", "id"))
        for peering in store.below(here, _PEERING)
    ]
    near = [item for item in holding if any(arm_ids.same(item.id, one) for one in (here, *remotes))]
    if holding and not near:
        return f"{holding[0].id}, which holds the address, is not peered with {here}"
    for network in near:
        for subnet in store.below(network.id, _SUBNET):
            of_firewall = subnet.name.lower() == "azurefirewallsubnet"
            if of_firewall and overlaps(prefixes(subnet.inputs), [address]):
                return _closed(request, subnet)
    return None


def _closed(request: Request, subnet: Resource) -> str | None:
    """Why no firewall in its subnet lets anything through."""
    for firewall in request.cloud.store.of_type(FIREWALL):
        configurations = items(firewall.inputs, "ipConfigurations")
        if not any(arm_ids.same(str(at(one, "subnet", "id")), subnet.id) for one in configurations):
            continue
        policy = str(at(firewall.inputs, "firewallPolicy", "id"))
        inline = [key for key, value in firewall.inputs.items() if value and "RuleColl" in key]
        if inline or request.cloud.store.below(policy, _RULES):
            return None
        return f"{firewall.id} has no rules, and lets nothing through"
    return f"there is no firewall in {subnet.id}"


TYPES = ()
