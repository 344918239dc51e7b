"""Route tables and their routes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simulator.azure.model import Request, ResourceType
from simulator.azure.namespaces.network import inline
from simulator.azure.rules import Refusal, rule
from support.nested import at, items

_ROUTING = "Microsoft Learn: azure/virtual-network/virtual-networks-udr-overview"
TABLE, ROUTE = "network:RouteTable", "network:Route"
_SUBNET, _FIREWALL = "network:Subnet", "network:AzureFirewall"
MOST_ROUTES = 400
"""In one table (azure-subscription-service-limits, networking)."""


def _routes(request: Request) -> list[Mapping[str, Any]]:
    return inline.parts(request, "routes", ROUTE)


@rule("BadRequest", TABLE, ROUTE, source=f"{_ROUTING}#user-defined")
def only_an_appliance_has_an_address(request: Request) -> Refusal | None:
    """`nextHopIpAddress` is given with VirtualAppliance, and with nothing else."""
    for route in _routes(request):
        hop, address = route.get("nextHopType"), route.get("nextHopIpAddress")
        if (hop == "VirtualAppliance") != bool(address):
            needs = "needs a" if hop == "VirtualAppliance" else "cannot have a"
            return Refusal(f"Route {route['name']}: {hop} {needs} next hop address.", "routes")
    return None


@rule("RouteConflict", TABLE, ROUTE, source="github.com/MicrosoftDocs/azure-docs#57403")
def routes_of_a_table_have_different_prefixes(request: Request) -> str | None:
    """One route for each address prefix."""
    seen: dict[str, str] = {}
    for route in _routes(request):
        prefix, name = str(route.get("addressPrefix")), str(route["name"])
        if prefix in seen:
            return f"Route {name} conflicts with route {seen[prefix]}: same prefix {prefix}."
        seen[prefix] = name
    return None


@rule(
    "BadRequest",
    TABLE,
    ROUTE,
    source="Microsoft Learn: azure-resource-manager/management/azure-subscription-service-limits",
)
def a_table_holds_400_routes(request: Request) -> str | None:
    """The limit that ends kubenet at 400 nodes."""
    count = len(_routes(request))
    return f"{count} routes; a table holds {MOST_ROUTES}." if count > MOST_ROUTES else None


def default_hops(routes: list[Mapping[str, Any]]) -> list[str]:
    """Next hops of the routes for 0.0.0.0/0."""
    return [str(one.get("nextHopType")) for one in routes if one["addressPrefix"] == "0.0.0.0/0"]


def _routed(request: Request) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """(subnet id, its routes) of each subnet whose routes the request decides."""
    if request.type.token == _SUBNET:
        table = request.find(request.inputs.get("routeTable"))
        if table:
            yield request.id, inline.parts_of(request, table, ROUTE)
        return
    table_id = request.id if request.type.token == TABLE else request.id.rsplit("/", 2)[0]
    for item in request.cloud.store.referrers(table_id):
        if item.token == _SUBNET:
            yield item.id, _routes(request)


@rule(
    "VirtualNetworkGatewaySubnetRouteTableCannotHaveDefaultRoute",
    _SUBNET,
    TABLE,
    ROUTE,
    source="Microsoft Learn: azure/vpn-gateway/vpn-gateway-about-vpn-gateway-settings#gwsub",
)
def the_gateway_subnet_has_no_default_route(request: Request) -> str | None:
    """A user-defined 0.0.0.0/0 would cut the gateway off from its management."""
    for subnet, routes in _routed(request):
        if subnet.lower().endswith("/gatewaysubnet") and default_hops(routes):
            return f"The route table of {subnet} cannot have a route for 0.0.0.0/0."
    return None


def _firewall_routes(request: Request) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """(subnet id, its routes) of each subnet of a firewall that is not managed apart."""
    if request.type.token == _FIREWALL:
        if request.inputs.get("managementIpConfiguration"):
            return
        for one in items(request.inputs, "ipConfigurations"):
            subnet = request.find(at(one, "subnet"))
            table = request.find(at(subnet.inputs, "routeTable")) if subnet else None
            if subnet and table:
                yield subnet.id, inline.parts_of(request, table, ROUTE)
        return
    for subnet, routes in _routed(request):
        users = request.cloud.store.referrers(subnet)
        firewalls = [item for item in users if item.token == _FIREWALL]
        if any(not item.inputs.get("managementIpConfiguration") for item in firewalls):
            yield subnet, routes


@rule(
    "AzureFirewallSubnetRouteTableMustHaveDefaultRouteToInternet",
    _SUBNET,
    TABLE,
    _FIREWALL,
    source="Microsoft Learn: azure/firewall/forced-tunneling",
)
def the_firewall_subnet_leads_to_the_internet(request: Request) -> str | None:
    """A route table on a firewall's subnet carries 0.0.0.0/0 to Internet.

    With a management interface it has a way out of its own, and may be forced through a tunnel.
    """
    for subnet, routes in _firewall_routes(request):
        if default_hops(routes) != ["Internet"]:
            return f"The route table of {subnet} needs a route for 0.0.0.0/0 to Internet."
    return None


@rule(
    "ApplicationGatewaySubnetUserDefinedRouteNotAllowed",
    _SUBNET,
    TABLE,
    ROUTE,
    source="Microsoft Learn: azure/application-gateway/configuration-infrastructure#supported-udrs",
)
def an_application_gateway_reaches_the_internet(request: Request) -> str | None:
    """No 0.0.0.0/0 through anything else in an Application Gateway's subnet."""
    for subnet, routes in _routed(request):
        users = request.cloud.store.referrers(subnet)
        held = any(item.token == "network:ApplicationGateway" for item in users)
        if held and any(hop != "Internet" for hop in default_hops(routes)):
            return f"{subnet} holds an Application Gateway; its 0.0.0.0/0 must lead to Internet."
    return None


TYPES = [
    ResourceType(
        TABLE,
        "2024-05-01",
        seconds=4,
        outputs=lambda request: inline.shown(request, "routes", ROUTE),
        after_put=lambda request: inline.write(request, "routes", ROUTE),
    ),
    ResourceType(
        ROUTE,
        "2024-05-01",
        seconds=3,
    ),
]
