"""What a cluster's outbound type requires of the network when the cluster is created."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.azure.model import Request
from simulator.azure.namespaces.containerservice.view import CLUSTER, POOL, View, view
from simulator.azure.namespaces.network.routes import default_hops, default_routes
from simulator.azure.rules import Refusal, rule
from simulator.store import Resource
from support.nested import at, items

_SOURCE = "Microsoft Learn: azure/aks/egress-outboundtype"
_HOPS = ("virtualappliance", "virtualnetworkgateway")


def _subnets(cluster: View, outbound: str) -> Iterator[Resource]:
    """Node subnets of the written pools, if the cluster has this outbound type."""
    if cluster.outbound != outbound.lower():
        return
    for pool in cluster.written_pools:
        subnet = cluster.subnet(pool.node_subnet)
        if subnet:
            yield subnet


@rule("ExistingRouteTableNotAssociatedWithSubnet", CLUSTER, POOL, source=_SOURCE)
def user_defined_routing_needs_a_table(request: Request) -> str | None:
    """The node subnet needs a route table before the cluster is created."""
    for subnet in _subnets(view(request), "userDefinedRouting"):
        if request.find(at(subnet.inputs, "routeTable")) is None:
            return f"An existing route table has not been associated with subnet {subnet.id}."
    return None


@rule("RouteTableMissingDefaultRouteError", CLUSTER, POOL, source=_SOURCE)
def user_defined_routing_needs_a_default_route(request: Request) -> str | None:
    """The route for 0.0.0.0/0 must exist before the cluster is created."""
    for subnet in _subnets(view(request), "userDefinedRouting"):
        table = request.find(at(subnet.inputs, "routeTable"))
        if table and not default_routes(request.cloud.store, table):
            return f"Route table {table.id} has no route for 0.0.0.0/0."
    return None


@rule("RouteTableInvalidNextHop", CLUSTER, POOL, source=_SOURCE)
def the_default_route_leads_to_an_appliance(request: Request) -> str | None:
    """The default route must lead to a virtual appliance or a virtual network gateway."""
    for subnet in _subnets(view(request), "userDefinedRouting"):
        table = request.find(at(subnet.inputs, "routeTable"))
        for hop in default_hops(default_routes(request.cloud.store, table)) if table else ():
            if hop.lower() not in _HOPS:
                return (
                    f"Default route 0.0.0.0/0 of {subnet.name} has next hop type {hop}; use"
                    " VirtualAppliance or VirtualNetworkGateway."
                )
    return None


@rule(
    "SubnetNotAssociatedWithNATGateway",
    CLUSTER,
    POOL,
    source="github.com/jenkins-infra/azure/pull/719",
)
def a_nat_gateway_of_ones_own_is_on_the_subnet(request: Request) -> str | None:
    """UserAssignedNATGateway requires a NAT gateway on the node subnet."""
    for subnet in _subnets(view(request), "userAssignedNATGateway"):
        if request.find(at(subnet.inputs, "natGateway")) is None:
            return f"Subnet '{subnet.id}' must have a NAT gateway associated."
    return None


@rule("NATGatewayNotAssociatedWithPublicIPOrIPPrefix", CLUSTER, POOL, source=_SOURCE)
def the_nat_gateway_has_an_address(request: Request) -> str | None:
    """The NAT gateway needs a public IP address or prefix."""
    for subnet in _subnets(view(request), "userAssignedNATGateway"):
        gateway = request.find(at(subnet.inputs, "natGateway"))
        if gateway and not any(
            items(gateway.inputs, key) for key in ("publicIpAddresses", "publicIpPrefixes")
        ):
            return f"NAT gateway {gateway.id} has neither a public IP address nor a prefix."
    return None


# Outbound type -> (whether it requires a custom virtual network, its name in the API)
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
    """A managed NAT gateway requires AKS's own network, the other types a custom one."""
    cluster = view(request)
    custom, name = _NETWORK.get(cluster.outbound, (None, ""))
    for pool in cluster.written_pools:
        if custom is not None and bool(pool.node_subnet) != custom:
            network = "a custom virtual network" if pool.node_subnet else "AKS's own network"
            return Refusal(
                f"Outbound type is {name} but agent pool '{pool.name}' is using {network}, which"
                " is not allowed.",
                "networkProfile.outboundType",
            )
    return None


@rule("InvalidUserDefinedRoutingWithLoadBalancerProfile", CLUSTER, source=_SOURCE)
def user_defined_routing_has_no_load_balancer_profile(request: Request) -> Refusal | None:
    """With userDefinedRouting there is no outbound load balancer to configure."""
    cluster = view(request)
    if cluster.outbound == "userdefinedrouting" and cluster.network.get("loadBalancerProfile"):
        return Refusal(
            "A load balancer profile cannot be set with userDefinedRouting.",
            "networkProfile.loadBalancerProfile",
        )
    return None


TYPES = ()
