"""What a cluster's outbound type needs of the network, at the moment the cluster is made."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.azure.model import Request
from simulator.azure.namespaces.containerservice.view import CLUSTER, POOL, View, view
from simulator.azure.rules import Refusal, rule
from simulator.store import Resource
from support.nested import at, items

_SOURCE = "Microsoft Learn: azure/aks/egress-outboundtype"
_HOPS = ("virtualappliance", "virtualnetworkgateway")


def _subnets(cluster: View, outbound: str) -> Iterator[Resource]:
    """Node subnets of the pools that are written, for a cluster of this outbound type."""
    if cluster.outbound != outbound.lower():
        return
    for pool in cluster.written:
        subnet = cluster.subnet(pool.node_subnet)
        if subnet:
            yield subnet


def default_routes(request: Request, table: Resource) -> list[str]:
    """Next hops of a table's routes for 0.0.0.0/0, written in it or as resources."""
    children = request.cloud.store.below(table.id, "network:Route")
    routes = [*items(table.inputs, "routes"), *(item.inputs for item in children)]
    return [
        str(at(route, "nextHopType") or "").lower()
        for route in routes
        if at(route, "addressPrefix") == "0.0.0.0/0"
    ]


@rule("ExistingRouteTableNotAssociatedWithSubnet", CLUSTER, POOL, source=_SOURCE)
def user_defined_routing_needs_a_table(request: Request) -> str | None:
    """The node subnet has its route table before the cluster is made."""
    for subnet in _subnets(view(request), "userDefinedRouting"):
        if request.find(at(subnet.inputs, "routeTable")) is None:
            return f"An existing route table has not been associated with subnet {subnet.id}."
    return None


@rule("RouteTableMissingDefaultRouteError", CLUSTER, POOL, source=_SOURCE)
def user_defined_routing_needs_a_default_route(request: Request) -> str | None:
    """The route for 0.0.0.0/0 exists before the cluster is made."""
    for subnet in _subnets(view(request), "userDefinedRouting"):
        table = request.find(at(subnet.inputs, "routeTable"))
        if table and not default_routes(request, table):
            return f"Route table {table.id} has no route for 0.0.0.0/0."
    return None


@rule("RouteTableInvalidNextHop", CLUSTER, POOL, source=_SOURCE)
def the_default_route_leads_to_an_appliance(request: Request) -> str | None:
    """To a virtual appliance or a gateway of the virtual network."""
    for subnet in _subnets(view(request), "userDefinedRouting"):
        table = request.find(at(subnet.inputs, "routeTable"))
        for hop in default_routes(request, table) if table else ():
            if hop not in _HOPS:
                return (
                    f"Default route 0.0.0.0/0 of {subnet.name} has a next hop of {hop}; allowed are"
                    " VirtualAppliance and VirtualNetworkGateway."
                )
    return None


@rule(
    "SubnetNotAssociatedWithNATGateway",
    CLUSTER,
    POOL,
    source="github.com/jenkins-infra/azure/pull/719",
)
def a_nat_gateway_of_ones_own_is_on_the_subnet(request: Request) -> str | None:
    """UserAssignedNATGateway finds its gateway on the node subnet."""
    for subnet in _subnets(view(request), "userAssignedNATGateway"):
        if request.find(at(subnet.inputs, "natGateway")) is None:
            return f"Subnet '{subnet.id}' must have a NAT gateway associated."
    return None


@rule("NATGatewayNotAssociatedWithPublicIPOrIPPrefix", CLUSTER, POOL, source=_SOURCE)
def the_nat_gateway_has_an_address(request: Request) -> str | None:
    """A NAT gateway without a public address or prefix lets nothing out."""
    for subnet in _subnets(view(request), "userAssignedNATGateway"):
        gateway = request.find(at(subnet.inputs, "natGateway"))
        if gateway and not any(
            items(gateway.inputs, key) for key in ("publicIpAddresses", "publicIpPrefixes")
        ):
            return f"NAT gateway {gateway.id} has neither a public address nor a prefix."
    return None


# Outbound type -> (whether the nodes are in a network of one's own, the name as written)
_NETWORK = {
    "managednatgateway": (False, "managedNATGateway"),
    "userassignednatgateway": (True, "userAssignedNATGateway"),
    "userdefinedrouting": (True, "userDefinedRouting"),
}


@rule(
    "InvalidParameter",
    CLUSTER,
    source="github.com/MicrosoftDocs/azure-docs/issues/83858",
)
def the_outbound_type_fits_the_networks_owner(request: Request) -> Refusal | None:
    """A managed NAT gateway goes with AKS's own network, the user's ways out with the user's."""
    cluster = view(request)
    own, name = _NETWORK.get(cluster.outbound, (None, ""))
    for pool in cluster.written:
        if own is not None and bool(pool.node_subnet) != own:
            network = "a custom virtual network" if pool.node_subnet else "AKS's own network"
            return Refusal(
                f"Outbound type is {name} but agent pool '{pool.name}' is using {network}, which"
                " is not allowed.",
                "networkProfile.outboundType",
            )
    return None


@rule("InvalidUserDefinedRoutingWithLoadBalancerProfile", CLUSTER, source=_SOURCE)
def user_defined_routing_has_no_load_balancer_profile(request: Request) -> Refusal | None:
    """There is no outbound load balancer to configure."""
    cluster = view(request)
    if cluster.outbound == "userdefinedrouting" and cluster.network.get("loadBalancerProfile"):
        return Refusal(
            "A load balancer profile cannot go with userDefinedRouting.",
            "networkProfile.loadBalancerProfile",
        )
    return None


TYPES = ()
