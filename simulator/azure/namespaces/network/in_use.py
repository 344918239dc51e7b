"""Resources that cannot be deleted while other resources depend on them, as a table."""

from __future__ import annotations

from functools import partial

from simulator.azure.model import Request
from simulator.azure.namespaces.network.tokens import (
    ADDRESS_DEPENDENTS,
    APPLICATION_GATEWAY,
    FIREWALL,
    GATEWAY,
    INTERFACE,
    NAT,
    SUBNET_DEPENDENTS,
)
from simulator.azure.rules import Rule, register

_CONNECTION = "network:VirtualNetworkGatewayConnection"
_POLICY, _WAF_POLICY = "network:FirewallPolicy", "network:WebApplicationFirewallPolicy"

# (code, type, types that depend on it, source)
IN_USE: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    (
        "InUseSubnetCannotBeDeleted",
        "network:Subnet",
        SUBNET_DEPENDENTS,
        "Microsoft Learn: azure/virtual-network/manage-subnet-delegation, aka.ms/deletesubnet",
    ),
    (
        "InUseNetworkSecurityGroupCannotBeDeleted",
        "network:NetworkSecurityGroup",
        ("network:Subnet", INTERFACE),
        "aka.ms/deletensg",
    ),
    (
        "PublicIPAddressCannotBeDeleted",
        "network:PublicIPAddress",
        ADDRESS_DEPENDENTS,
        "Microsoft Learn: troubleshoot deletion of a public IP address",
    ),
    (
        "InUseRouteTableCannotBeDeleted",
        "network:RouteTable",
        ("network:Subnet",),
        "Microsoft Learn: azure/virtual-network/manage-route-table",
    ),
    (
        "InUseNatGatewayCannotBeDeleted",
        NAT,
        ("network:Subnet",),
        "Microsoft Learn: azure/nat-gateway/manage-nat-gateway",
    ),
    (
        "NicInUse",
        INTERFACE,
        ("compute:VirtualMachine",),
        "Microsoft Learn: azure/virtual-network/virtual-network-network-interface#delete",
    ),
    (
        "VirtualNetworkGatewayCannotBeDeleted",
        GATEWAY,
        (_CONNECTION,),
        "Microsoft Learn: azure/vpn-gateway/vpn-gateway-delete-vnet-gateway-portal",
    ),
    (
        "BadRequest",
        "network:LocalNetworkGateway",
        (_CONNECTION,),
        "Microsoft Learn: azure/vpn-gateway/vpn-gateway-delete-vnet-gateway-portal",
    ),
    (
        "BadRequest",
        _POLICY,
        (FIREWALL,),
        "Microsoft Learn: azure/firewall-manager/policy-overview",
    ),
    (
        "BadRequest",
        _WAF_POLICY,
        (APPLICATION_GATEWAY,),
        "Microsoft Learn: azure/web-application-firewall/ag/policy-overview",
    ),
    (
        "BadRequest",
        "network:DdosProtectionPlan",
        ("network:VirtualNetwork",),
        "Microsoft Learn: azure/ddos-protection/manage-ddos-protection",
    ),
)


def _in_use(request: Request, types: tuple[str, ...]) -> str | None:
    dependents = [item.id for item in request.dependents(types)]
    if not dependents:
        return None
    return f"{request.id} is in use by {', '.join(dependents)} and cannot be deleted."


for _code, _token, _types, _source in IN_USE:
    _name = f"a_{_token.split(':')[1].lower()}_in_use_stays"
    _check = partial(_in_use, types=_types)
    register(Rule(_name, _code, 400, _source, "network.in_use", (_token,), "delete", _check))

TYPES = ()
