"""Route tables and their routes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simulator.azure.model import Request, ResourceType
from simulator.azure.namespaces.network import inline
from simulator.azure.rules import Refusal, rule
from simulator.store import MemoryStore, Resource
from support.nested import at, items

_ROUTING = "Microsoft Learn: azure/virtual-network/virtual-networks-udr-overview"
TABLE, ROUTE = "network:RouteTable", "network:Route"
_SUBNET, _FIREWALL = "network:Subnet", "network:AzureFirewall"
MAX_ROUTES = 400
"""Maximum in a table (azure-subscription-service-limits, networking)."""


def _routes(request: Request) -> list[Mapping[str, Any]]:
    return inline.children(request, "routes", ROUTE)


@rule("BadRequest", TABLE, ROUTE, source=f"{_ROUTING}#user-defined")
def only_an_appliance_has_an_address(request: Request) -> Refusal | None:
    """`nextHopIpAddress` is required for VirtualAppliance and not allowed for other hops."""
    for route in _routes(request):
        hop, address = route.get("nextHopType"), route.get("nextHopIpAddress")
        if (hop == "VirtualAppliance") != bool(address):
            verb = "requires a" if hop == "VirtualAppliance" else "cannot have a"
            return Refusal(f"Route {route['name']}: {hop} {verb} next hop address.", "routes")
    return None


@rule("RouteConflict", TABLE, ROUTE, source="github.com/MicrosoftDocs/azure-docs#57403")
def routes_of_a_table_have_different_prefixes(request: Request) -> str | None:
    """The routes of a table have different address prefixes."""
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
    """A route table has at most 400 routes, which limits kubenet to 400 nodes."""
    count = len(_routes(request))
    return f"{count} routes exceed the limit of {MAX_ROUTES}." if count > MAX_ROUTES else None


def default_routes(store: MemoryStore, table: Resource) -> list[Mapping[str, Any]]:
    """A table's routes for 0.0.0.0/0."""
    return _default(inline.children_of(store, table, ROUTE))


def default_hops(routes: list[Mapping[str, Any]]) -> list[str]:
    """Next hop types of the routes for 0.0.0.0/0."""
    return [str(route.get("nextHopType")) for route in _default(routes)]


def _default(routes: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [route for route in routes if route.get("addressPrefix") == "0.0.0.0/0"]


def _routed(request: Request) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """(subnet id, its routes) of each subnet whose routes the request changes."""
    if request.type.token == _SUBNET:
        table = request.find(request.inputs.get("routeTable"))
        if table:
            yield request.id, inline.children_of(request.cloud.store, table, ROUTE)
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
    """GatewaySubnet cannot have a default route, which would disconnect the gateway."""
    for subnet, routes in _routed(request):
        if subnet.lower().endswith("/gatewaysubnet") and default_hops(routes):
            return f"The route table of {subnet} cannot have a route for 0.0.0.0/0."
    return None


def _firewall_routes(request: Request) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """(subnet id, its routes) of each subnet of a firewall without management interface."""
    if request.type.token == _FIREWALL:
        if request.inputs.get("managementIpConfiguration"):
            return
        for configuration in items(request.inputs, "ipConfigurations"):
            subnet = request.find(at(configuration, "subnet"))
            table = request.find(at(subnet.inputs, "routeTable")) if subnet else None
            if subnet and table:
                yield subnet.id, inline.children_of(request.cloud.store, table, ROUTE)
        return
    for subnet, routes in _routed(request):
        dependents = request.cloud.store.referrers(subnet)
        firewalls = [item for item in dependents if item.token == _FIREWALL]
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
    """The route table of a firewall's subnet needs a route for 0.0.0.0/0 to Internet.

    A firewall with a management interface is exempt: it supports forced tunneling.
    """
    for subnet, routes in _firewall_routes(request):
        if default_hops(routes) != ["Internet"]:
            return f"The route table of {subnet} must have a route for 0.0.0.0/0 to Internet."
    return None


@rule(
    "ApplicationGatewaySubnetUserDefinedRouteNotAllowed",
    _SUBNET,
    TABLE,
    ROUTE,
    source="Microsoft Learn: azure/application-gateway/configuration-infrastructure#supported-udrs",
)
def an_application_gateway_reaches_the_internet(request: Request) -> str | None:
    """A default route of an Application Gateway's subnet must lead to the Internet."""
    for subnet, routes in _routed(request):
        dependents = request.cloud.store.referrers(subnet)
        has_gateway = any(item.token == "network:ApplicationGateway" for item in dependents)
        if has_gateway and any(hop != "Internet" for hop in default_hops(routes)):
            return f"{subnet} contains an Application Gateway: 0.0.0.0/0 must lead to Internet."
    return None


TYPES = [
    ResourceType(
        TABLE,
        "2024-05-01",
        seconds=4,
        outputs=lambda request: inline.collection_outputs(request, "routes", ROUTE),
        after_put=lambda request: inline.write(request, "routes", ROUTE),
    ),
    ResourceType(
        ROUTE,
        "2024-05-01",
        seconds=3,
    ),
]
