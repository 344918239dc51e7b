"""The subnet of an Application Gateway, which is for gateways only."""

from __future__ import annotations

from simulator.azure.model import Request
from simulator.azure.namespaces.network.routes import default_hops, default_routes
from simulator.azure.namespaces.network.subnets import GATEWAY_SERVICE, delegations
from simulator.azure.namespaces.network.tokens import APPLICATION_GATEWAY, SUBNET_DEPENDENTS
from simulator.azure.rules import Refusal, rule

_INFRASTRUCTURE = "Microsoft Learn: azure/application-gateway/configuration-infrastructure"
_OTHERS = tuple(token for token in SUBNET_DEPENDENTS if token != APPLICATION_GATEWAY)


@rule(
    "ApplicationGatewaySubnetCannotHaveOtherResources",
    APPLICATION_GATEWAY,
    source=f"{_INFRASTRUCTURE}#virtual-network-and-dedicated-subnet",
)
def a_gateways_subnet_is_empty_before(request: Request) -> str | None:
    """The subnet of a gateway can contain other gateways only."""
    for subnet in request.referenced("network:Subnet"):
        for item in request.cloud.store.referrers(subnet.id):
            if item.token in _OTHERS:
                return (
                    f"{subnet.id} cannot be used for an application gateway: it contains {item.id}."
                )
    return None


@rule(
    "ApplicationGatewaySubnetCannotBeUsedByOtherResources",
    *_OTHERS,
    source=f"{_INFRASTRUCTURE}#virtual-network-and-dedicated-subnet",
)
def a_gateways_subnet_takes_nothing_else(request: Request) -> str | None:
    """A subnet with a gateway cannot contain other resources."""
    for subnet in request.referenced("network:Subnet"):
        for item in request.cloud.store.referrers(subnet.id):
            if item.token == APPLICATION_GATEWAY:
                return f"{subnet.id} is used by {item.id} and cannot be used by {request.id}."
    return None


@rule(
    "ApplicationGatewaySubnetCannotHaveDelegations",
    APPLICATION_GATEWAY,
    source="Microsoft Learn: azure/application-gateway/application-gateway-private-deployment",
)
def a_gateways_subnet_is_not_delegated(request: Request) -> str | None:
    """The subnet of a gateway cannot be delegated to another service."""
    for subnet in request.referenced("network:Subnet"):
        for service in delegations(subnet.inputs):
            if service.lower() != GATEWAY_SERVICE.lower():
                return f"Subnet {subnet.name} cannot have delegations configured: {service}."
    return None


@rule(
    "ApplicationGatewayNetworkIsolationRequiresSubnetDelegation",
    APPLICATION_GATEWAY,
    source="Microsoft Learn: azure/application-gateway/application-gateway-private-deployment",
)
def a_new_gateways_subnet_is_delegated_to_it(request: Request) -> Refusal | None:
    """A new gateway needs a subnet that is delegated to Application Gateway.

    Azure turns network isolation on for one subscription after the other, and refuses new gateways
    there (github.com/langchain-ai/terraform#179). Gateways that exist keep running.
    """
    if request.old is not None:
        return None
    for subnet in request.referenced("network:Subnet"):
        if not delegations(subnet.inputs):
            text = (
                f"Application Gateway {request.id} with NetworkIsolation requires subnet"
                f" delegation. Please delegate subnet {subnet.id} to {GATEWAY_SERVICE}."
            )
            return Refusal(text, "gatewayIPConfigurations")
    return None


@rule(
    "ApplicationGatewaySubnetUserDefinedRouteNotAllowed",
    APPLICATION_GATEWAY,
    source=f"{_INFRASTRUCTURE}#supported-user-defined-routes",
)
def a_gateways_subnet_leads_to_the_internet(request: Request) -> Refusal | None:
    """A default route in the subnet's route table must lead to the Internet."""
    for subnet in request.referenced("network:Subnet"):
        table = request.find(subnet.inputs.get("routeTable"))
        hops = default_hops(default_routes(request.cloud.store, table)) if table else []
        if any(hop != "Internet" for hop in hops):
            text = f"The default route of {subnet.id} must lead to Internet, not {hops[0]}."
            return Refusal(text, "gatewayIPConfigurations")
    return None


TYPES = ()
