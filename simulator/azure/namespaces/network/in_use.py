"""What cannot be deleted while something else stands on it, as a table."""

from __future__ import annotations

from functools import partial

from simulator.azure.request import Request
from simulator.azure.rules import Rule, register

_GATEWAYS = ("network:VirtualNetworkGateway", "network:AzureFirewall", "network:BastionHost")
SUBNET_USERS = (
    *_GATEWAYS,
    "network:NetworkInterface",
    "network:ApplicationGateway",
    "network:PrivateEndpoint",
    "containerservice:ManagedCluster",
    "containerservice:AgentPool",
    "servicenetworking:AssociationsInterface",
    "dnsresolver:InboundEndpoint",
)
"""Types whose resources take addresses of a subnet."""

_LEARN = "Microsoft Learn: azure/virtual-network/manage-subnet-delegation, aka.ms/deletesubnet"

# code, type, the types whose reference counts as use, source
_TABLE: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    (
        "InUseSubnetCannotBeDeleted",
        "network:Subnet",
        SUBNET_USERS,
        _LEARN,
    ),
    (
        "InUseNetworkSecurityGroupCannotBeDeleted",
        "network:NetworkSecurityGroup",
        ("network:Subnet", "network:NetworkInterface"),
        "aka.ms/deletensg",
    ),
    (
        "PublicIPAddressCannotBeDeleted",
        "network:PublicIPAddress",
        (
            *_GATEWAYS,
            "network:NatGateway",
            "network:ApplicationGateway",
            "network:NetworkInterface",
            "containerservice:ManagedCluster",
        ),
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
        "network:NatGateway",
        ("network:Subnet",),
        "Microsoft Learn: azure/nat-gateway/manage-nat-gateway",
    ),
)


def _in_use(request: Request, users: tuple[str, ...]) -> str | None:
    held = [item.id for item in request.users(users)]
    if not held:
        return None
    return f"{request.id} is in use by {', '.join(held)} and cannot be deleted."


for _code, _token, _users, _source in _TABLE:
    _name = f"a_{_token.split(':')[1].lower()}_in_use_stays"
    _check = partial(_in_use, users=_users)
    register(Rule(_name, _code, 400, _source, "network.in_use", (_token,), "delete", _check))

TYPES = ()
