"""Subnets that Azure keeps for one service: their names, sizes, and what may be with them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from simulator.azure.model import Request
from simulator.azure.namespaces.network.prefixes import networks, prefixes
from simulator.azure.namespaces.network.users import BASTION, FIREWALL, GATEWAY, SUBNET_USERS
from simulator.azure.rules import Refusal, Rule, register, rule
from simulator.store import Resource
from support.arm_ids import ids_in
from support.nested import at, items, mapping

_SUBNET = "network:Subnet"
_GATEWAY_SETTINGS = "Microsoft Learn: azure/vpn-gateway/vpn-gateway-about-vpn-gateway-settings"
_BASTION_SETTINGS = "Microsoft Learn: azure/bastion/configuration-settings#subnet"


@dataclass(frozen=True)
class Reserved:
    """A subnet that a service asks for by name."""

    name: str
    host: str
    """Type of the only resource that may be in it."""
    configurations: str
    """Property of the host that refers to the subnet."""
    longest: int
    """Longest prefix that the host takes, by `size_code`."""
    name_code: str
    """What Azure answers to a host in another subnet."""
    source: str


RESERVED = (
    Reserved(
        "AzureBastionSubnet",
        BASTION,
        "ipConfigurations",
        26,
        "SubnetNameMustBeAzureBastionSubnet",
        _BASTION_SETTINGS,
    ),
    Reserved(
        "AzureFirewallSubnet",
        FIREWALL,
        "ipConfigurations",
        26,
        "BadRequest",
        "Microsoft Learn: azure/firewall/firewall-faq",
    ),
    Reserved(
        "AzureFirewallManagementSubnet",
        FIREWALL,
        "managementIpConfiguration",
        26,
        "BadRequest",
        "Microsoft Learn: azure/firewall/management-nic",
    ),
    # The service looks for GatewaySubnet by itself, and fails to find it.
    Reserved(
        "GatewaySubnet",
        GATEWAY,
        "ipConfigurations",
        29,
        "InvalidResourceReference",
        f"{_GATEWAY_SETTINGS}#gwsub",
    ),
)


def _hosting(request: Request, row: Reserved) -> list[Resource]:
    """The subnets that a host's configurations name."""
    several = items(request.inputs, row.configurations)
    # The management configuration of a firewall is one object.
    configurations: list[Any] = several or [mapping(request.inputs, row.configurations)]
    found = (request.find(at(one, "subnet")) for one in configurations)
    return [item for item in found if item]


def _name_is_right(request: Request, row: Reserved) -> Refusal | None:
    for subnet in _hosting(request, row):
        if subnet.name.lower() != row.name.lower():
            return Refusal(f"{subnet.id}: the subnet must be named {row.name}.", row.configurations)
    return None


def _size_is_right(request: Request, row: Reserved) -> Refusal | None:
    for subnet in _hosting(request, row):
        for block in networks(prefixes(subnet.inputs)):
            if block.version == 4 and block.prefixlen > row.longest:
                text = f"{row.name} must be /{row.longest} or larger, not {block}."
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
    # A subnet smaller than /29 is refused by itself already.
    if _row.longest < 29:
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


def subnets_in(request: Request) -> list[Resource]:
    """The subnets that the inputs name anywhere."""
    found = (request.find(reference) for reference in ids_in(request.inputs))
    return [item for item in found if item and item.token == _SUBNET]


@rule(
    "SubnetWithExternalResourcesCannotBeUsedByOtherResources",
    *SUBNET_USERS,
    source="Microsoft Learn: azure/virtual-network/virtual-network-for-azure-services",
)
def a_reserved_subnet_holds_its_service_only(request: Request) -> str | None:
    """Machines, endpoints and clusters go elsewhere."""
    for subnet in subnets_in(request):
        host = _HOSTS.get(subnet.name.lower())
        if host not in (None, request.type.token):
            return f"{subnet.id} is for {host} only, not for {request.id}."
    return None


@rule(
    "NetworkSecurityGroupCannotBeAttachedToGatewaySubnet",
    _SUBNET,
    source="github.com/Azure-Terraform/terraform-azurerm-virtual-network#18",
)
def the_gateway_subnet_has_no_security_group(request: Request) -> Refusal | None:
    """The gateway's own connections would be cut."""
    if request.name.lower() == "gatewaysubnet" and request.inputs.get("networkSecurityGroup"):
        return Refusal("GatewaySubnet cannot have a security group.", "networkSecurityGroup")
    return None


@rule("BadRequest", _SUBNET, source="Microsoft Learn: azure/nat-gateway/nat-overview#limitations")
def the_gateway_subnet_has_no_nat_gateway(request: Request) -> Refusal | None:
    """NAT cannot be deployed in a gateway subnet."""
    if request.name.lower() == "gatewaysubnet" and request.inputs.get("natGateway"):
        return Refusal("GatewaySubnet cannot have a NAT gateway.", "natGateway")
    return None


@rule(
    "RouteTableCannotBeAttachedForAzureBastionSubnet",
    _SUBNET,
    source="Microsoft Learn: azure/bastion/bastion-faq#udr",
)
def the_bastion_subnet_has_no_route_table(request: Request) -> Refusal | None:
    """User-defined routes would cut Bastion off."""
    if request.name.lower() == "azurebastionsubnet" and request.inputs.get("routeTable"):
        return Refusal("AzureBastionSubnet cannot have a route table.", "routeTable")
    return None


TYPES = ()
