"""The names that resources can have, as a table of patterns.

Sources: Microsoft Learn, azure-resource-manager/management/resource-name-rules, and the REST
specifications. Rules on names that must be unique are in the modules of their types.
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
class NamePattern:
    """The names that resources of some types can have."""

    pattern: str
    """Matches the whole name."""
    min_length: int
    max_length: int
    tokens: tuple[str, ...]
    code: str = "InvalidResourceName"


NAME_PATTERNS: tuple[NamePattern, ...] = (
    NamePattern(r"[-\w._()]*[-\w_()]", 1, 90, ("resources:ResourceGroup",), "InvalidResourceGroup"),
    NamePattern(_WORD, 2, 64, ("network:VirtualNetwork",)),
    NamePattern(
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
    NamePattern(_WORD, 1, 56, ("network:AzureFirewall",)),
    NamePattern(_WORD, 1, 128, ("network:WebApplicationFirewallPolicy",)),
    NamePattern(_WORD, 2, 64, ("network:PrivateEndpoint",)),
    NamePattern(
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
    NamePattern(r"[A-Za-z0-9][A-Za-z0-9-]+[A-Za-z0-9]", 4, 63, ("operationalinsights:Workspace",)),
    NamePattern(r"[A-Za-z0-9]*", 5, 50, ("containerregistry:Registry",)),
)


def _is_allowed(request: Request, row: NamePattern) -> str | None:
    name = request.name
    if row.min_length <= len(name) <= row.max_length and re.fullmatch(row.pattern, name):
        return None
    return (
        f"Resource name {name} is invalid: use {row.min_length} to {row.max_length} characters that"
        f" match {row.pattern}."
    )


def rule_name(token: str) -> str:
    """The name of the rule for a type."""
    return f"{token.split(':')[1]}_has_a_valid_name"


for _row in NAME_PATTERNS:
    _check = partial(_is_allowed, row=_row)
    for _token in _row.tokens:
        register(Rule(rule_name(_token), _row.code, 400, _LEARN, "names", (_token,), "put", _check))

TYPES = ()
