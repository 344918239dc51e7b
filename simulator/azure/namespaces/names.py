"""What resources may be called, as a table of patterns.

Source, where no other is given: Microsoft Learn,
azure-resource-manager/management/resource-name-rules, and the REST specifications. Names that must
be unique or are otherwise particular are in the modules of their types.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial

from simulator.azure.model import Request
from simulator.azure.rules import Rule, register

_LEARN = "Microsoft Learn: azure-resource-manager/management/resource-name-rules"
_WORD = r"[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9_])?"
_TRAFFIC = r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,62}[A-Za-z0-9])?"


@dataclass(frozen=True)
class Naming:
    """How the resources of some types may be called."""

    pattern: str
    """The whole name matches it."""
    shortest: int
    longest: int
    tokens: tuple[str, ...]
    code: str = "InvalidResourceName"


NAMINGS: tuple[Naming, ...] = (
    Naming(r"[-\w._()]*[-\w_()]", 1, 90, ("resources:ResourceGroup",), "InvalidResourceGroup"),
    Naming(_WORD, 2, 64, ("network:VirtualNetwork",)),
    Naming(
        _WORD,
        1,
        80,
        (
            "network:Subnet",
            "network:VirtualNetworkPeering",
            "network:NetworkSecurityGroup",
            "network:SecurityRule",
            "network:RouteTable",
            "network:Route",
            "network:PublicIPAddress",
            "network:PublicIPPrefix",
            "network:NatGateway",
            "network:NetworkInterface",
            "network:BastionHost",
            "network:ApplicationGateway",
            "network:VirtualNetworkGateway",
            "network:LocalNetworkGateway",
            "network:VirtualNetworkGatewayConnection",
            "network:FlowLog",
            "network:FirewallPolicy",
            "privatedns:VirtualNetworkLink",
        ),
    ),
    Naming(_WORD, 1, 56, ("network:AzureFirewall",)),
    Naming(_WORD, 1, 128, ("network:WebApplicationFirewallPolicy",)),
    Naming(_WORD, 2, 64, ("network:PrivateEndpoint",)),
    Naming(
        _TRAFFIC,
        1,
        64,
        (
            "servicenetworking:TrafficControllerInterface",
            "servicenetworking:FrontendsInterface",
            "servicenetworking:AssociationsInterface",
            "servicenetworking:SecurityPoliciesInterface",
        ),
    ),
    Naming(r"[A-Za-z0-9][A-Za-z0-9-]+[A-Za-z0-9]", 4, 63, ("operationalinsights:Workspace",)),
    Naming(r"[A-Za-z0-9]*", 5, 50, ("containerregistry:Registry",)),
)


def _is_allowed(request: Request, row: Naming) -> str | None:
    name = request.name
    if row.shortest <= len(name) <= row.longest and re.fullmatch(row.pattern, name):
        return None
    return (
        f"Resource name {name} is invalid: {row.shortest} to {row.longest} characters that match"
        f" {row.pattern}."
    )


def name_of(token: str) -> str:
    """The name of the rule for a type."""
    return f"{token.split(':')[1]}_has_a_valid_name"


for _row in NAMINGS:
    _check = partial(_is_allowed, row=_row)
    for _token in _row.tokens:
        register(Rule(name_of(_token), _row.code, 400, _LEARN, "names", (_token,), "put", _check))

TYPES = ()
