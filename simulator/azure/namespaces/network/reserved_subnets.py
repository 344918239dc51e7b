"""Subnets that are reserved for a service: names, sizes, and what they can have."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from simulator.azure.model import Request
from simulator.azure.namespaces.network.prefixes import networks, prefixes
from simulator.azure.namespaces.network.tokens import BASTION, FIREWALL, GATEWAY, SUBNET_DEPENDENTS
from simulator.azure.rules import Refusal, Rule, register, rule
from simulator.store import Resource
from support.nested import at, items, mapping

_SUBNET = "network:Subnet"
_GATEWAY_SETTINGS = "Microsoft Learn: azure/vpn-gateway/vpn-gateway-about-vpn-gateway-settings"
_BASTION_SETTINGS = "Microsoft Learn: azure/bastion/configuration-settings#subnet"


@dataclass(frozen=True)
class ReservedSubnet:
    """A subnet that a service requires by its name."""

    name: str
    host: str
    """Type of the only resources that can be in it."""
    configurations: str
    """Property of the host that refers to the subnet."""
    max_prefix_length: int
    """Of the smallest subnet that the host accepts."""
    name_code: str
    """Azure's error code for a host in another subnet."""
    source: str


RESERVED = (
    ReservedSubnet(
        "AzureBastionSubnet",
        BASTION,
        "ipConfigurations",
        26,
        "SubnetNameMustBeAzureBastionSubnet",
        _BASTION_SETTINGS,
    ),
    ReservedSubnet(
        "AzureFirewallSubnet",
        FIREWALL,
        "ipConfigurations",
        26,
        "BadRequest",
        "Microsoft Learn: azure/firewall/firewall-faq",
    ),
    ReservedSubnet(
        "AzureFirewallManagementSubnet",
        FIREWALL,
        "managementIpConfiguration",
        26,
        "BadRequest",
        "Microsoft Learn: azure/firewall/management-nic",
    ),
    # The service looks for GatewaySubnet itself, and does not find it.
    ReservedSubnet(
        "GatewaySubnet",
        GATEWAY,
        "ipConfigurations",
        29,
        "InvalidResourceReference",
        f"{_GATEWAY_SETTINGS}#gwsub",
    ),
)


def _hosting(request: Request, row: ReservedSubnet) -> list[Resource]:
    """The subnets in a host's IP configurations."""
    listed = items(request.inputs, row.configurations)
    # The management configuration of a firewall is a single object.
    configurations: list[Any] = listed or [mapping(request.inputs, row.configurations)]
    subnets = (request.find(at(item, "subnet")) for item in configurations)
    return [subnet for subnet in subnets if subnet]


def _name_is_right(request: Request, row: ReservedSubnet) -> Refusal | None:
    for subnet in _hosting(request, row):
        if subnet.name.lower() != row.name.lower():
            return Refusal(f"{subnet.id}: the subnet must be named {row.name}.", row.configurations)
    return None


def _size_is_right(request: Request, row: ReservedSubnet) -> Refusal | None:
    for subnet in _hosting(request, row):
        for block in networks(prefixes(subnet.inputs)):
            if block.version == 4 and block.prefixlen > row.max_prefix_length:
                text = f"{row.name} must be /{row.max_prefix_length} or larger, not {block}."
                return Refusal(text, row.configurations)
    return None


for _row in RESERVED:
    _where = "network.reserved_subnets"
    register(
        Rule(
            f"{_row.name}_is_named_so",
            _row.name_code,
            400,
            _row.source,
            _where,
            (_row.host,),
            "put",
            partial(_name_is_right, row=_row),
        )
    )
    # The rule on all subnets refuses a subnet smaller than /29.
    if _row.max_prefix_length < 29:
        register(
            Rule(
                f"{_row.name}_is_large_enough",
                "BadRequest",
                400,
                _row.source,
                _where,
                (_row.host,),
                "put",
                partial(_size_is_right, row=_row),
            )
        )

_HOSTS = {row.name.lower(): row.host for row in RESERVED}


@rule(
    "SubnetWithExternalResourcesCannotBeUsedByOtherResources",
    *SUBNET_DEPENDENTS,
    source="Microsoft Learn: azure/virtual-network/virtual-network-for-azure-services",
)
def a_reserved_subnet_holds_its_service_only(request: Request) -> str | None:
    """A reserved subnet can contain only its service: no VM, endpoint or cluster."""
    for subnet in request.referenced(_SUBNET):
        host = _HOSTS.get(subnet.name.lower())
        if host not in (None, request.type.token):
            return f"{subnet.id} is reserved for {host} and cannot be used by {request.id}."
    return None


@rule(
    "NetworkSecurityGroupCannotBeAttachedToGatewaySubnet",
    _SUBNET,
    source="github.com/Azure-Terraform/terraform-azurerm-virtual-network#18",
)
def the_gateway_subnet_has_no_security_group(request: Request) -> Refusal | None:
    """GatewaySubnet cannot have a security group, which would block the gateway's connections."""
    if request.name.lower() == "gatewaysubnet" and request.inputs.get("networkSecurityGroup"):
        return Refusal("GatewaySubnet cannot have a security group.", "networkSecurityGroup")
    return None


@rule("BadRequest", _SUBNET, source="Microsoft Learn: azure/nat-gateway/nat-overview#limitations")
def the_gateway_subnet_has_no_nat_gateway(request: Request) -> Refusal | None:
    """GatewaySubnet cannot have a NAT gateway."""
    if request.name.lower() == "gatewaysubnet" and request.inputs.get("natGateway"):
        return Refusal("GatewaySubnet cannot have a NAT gateway.", "natGateway")
    return None


@rule(
    "RouteTableCannotBeAttachedForAzureBastionSubnet",
    _SUBNET,
    source="Microsoft Learn: azure/bastion/bastion-faq#udr",
)
def the_bastion_subnet_has_no_route_table(request: Request) -> Refusal | None:
    """AzureBastionSubnet cannot have a route table, which would disconnect Bastion."""
    if request.name.lower() == "azurebastionsubnet" and request.inputs.get("routeTable"):
        return Refusal("AzureBastionSubnet cannot have a route table.", "routeTable")
    return None


TYPES = ()
