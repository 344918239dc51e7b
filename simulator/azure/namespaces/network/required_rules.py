"""Security rules that a service requires on its subnet; Azure checks them on every association.

The rules check the security group as it is after the request, whether the request writes the
subnet, the group or a rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simulator.azure.model import Request
from simulator.azure.namespaces.network import inline
from simulator.azure.namespaces.network.security_groups import default_rules
from simulator.azure.namespaces.network.security_rules import GROUP, RULE
from simulator.azure.namespaces.network.tokens import APPLICATION_GATEWAY
from simulator.azure.namespaces.network.traffic import Flow, allows
from simulator.azure.rules import Check, Rule, register
from simulator.store import Resource
from support.nested import at, items

_SUBNET = "network:Subnet"
_BASTION_SUBNET = "azurebastionsubnet"
SubnetRules = tuple[str, list[Mapping[str, Any]]]
"""The id of a subnet, and the custom rules of its security group."""

_ALL, _HTTPS, _HOSTS = ("*",), frozenset({443}), frozenset({8080, 5701})
# The Internet, or the public ranges that an operator allows instead.
_CLIENTS = "Internet"
_NETWORK = ("VirtualNetwork",)
BASTION_FLOWS: tuple[Flow, ...] = (
    Flow("Inbound", (_CLIENTS,), _ALL, _HTTPS),
    Flow("Inbound", ("GatewayManager",), _ALL, _HTTPS),
    Flow("Inbound", ("AzureLoadBalancer",), _ALL, _HTTPS),
    Flow("Inbound", _NETWORK, _NETWORK, _HOSTS),
    Flow("Outbound", _ALL, _NETWORK, frozenset({22, 3389})),
    Flow("Outbound", _ALL, ("AzureCloud",), _HTTPS),
    Flow("Outbound", _NETWORK, _NETWORK, _HOSTS),
    Flow("Outbound", _ALL, ("Internet",), frozenset({80})),
)
"""Traffic that the security group of a Bastion host must allow (azure/bastion/bastion-nsg)."""
APPLICATION_GATEWAY_INBOUND = (
    Flow("Inbound", ("GatewayManager", "Internet"), _ALL, frozenset(range(65200, 65536))),
)
APPLICATION_GATEWAY_OUTBOUND = (Flow("Outbound", _ALL, ("Internet",), _HTTPS),)
"""(azure/application-gateway/configuration-infrastructure#network-security-groups)"""


def _rules_of(request: Request, reference: Any) -> list[Mapping[str, Any]] | None:
    group = request.find(reference)
    return inline.children_of(request.cloud.store, group, RULE) if group else None


def _subnet_rules(request: Request) -> Iterator[SubnetRules]:
    """The custom rules of each subnet that the request concerns."""
    token = request.type.token
    if token == _SUBNET:
        rules = _rules_of(request, request.inputs.get("networkSecurityGroup"))
        if rules is not None:
            yield request.id, rules
    elif token == APPLICATION_GATEWAY:
        for configuration in items(request.inputs, "gatewayIPConfigurations"):
            subnet = request.find(at(configuration, "subnet"))
            rules = (
                _rules_of(request, at(subnet.inputs, "networkSecurityGroup")) if subnet else None
            )
            if subnet and rules is not None:
                yield subnet.id, rules
    else:
        group = request.id if token == GROUP else request.id.rsplit("/", 2)[0]
        for item in request.cloud.store.referrers(group):
            if item.token == _SUBNET and item.id.lower() not in request.deleted_ids:
                yield item.id, inline.children(request, "securityRules", RULE)


def _from_clients(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    """The rule with the source Internet if it allows specific ranges: operators may narrow it."""
    source = str(rule.get("sourceAddressPrefix") or "")
    if str(rule.get("access")).lower() == "deny" or source == "*" or source.isalpha():
        return rule
    return {**rule, "sourceAddressPrefix": _CLIENTS}


def a_bastion_subnet_has_the_complete_group(request: Request) -> str | None:
    """The group of AzureBastionSubnet needs all eight custom rules; default rules do not count."""
    for subnet, rules in _subnet_rules(request):
        if not subnet.lower().endswith(f"/{_BASTION_SUBNET}"):
            continue
        custom = [_from_clients(rule) for rule in rules]
        for flow in BASTION_FLOWS:
            if not allows(custom, flow):
                return (
                    "The network security group does not have necessary rules for Azure Bastion"
                    f" Subnet AzureBastionSubnet: {flow.direction} {'/'.join(flow.sources)} to"
                    f" {'/'.join(flow.destinations)} on {', '.join(map(str, sorted(flow.ports)))}."
                )
    return None


def _gateway_in(request: Request, subnet: str) -> Resource | None:
    gateways = (
        item for item in request.cloud.store.referrers(subnet) if item.token == APPLICATION_GATEWAY
    )
    return next(gateways, None)


def _blocked(request: Request, flows: tuple[Flow, ...]) -> str | None:
    for subnet, rules in _subnet_rules(request):
        own = request.type.token == APPLICATION_GATEWAY
        if not own and _gateway_in(request, subnet) is None:
            continue
        for flow in flows:
            if not allows([*rules, *default_rules(subnet)], flow):
                span = f"{min(flow.ports)} - {max(flow.ports)}"
                return (
                    f"The network security group blocks {flow.direction.lower()} traffic on ports"
                    f" {span} of subnet {subnet}, which an Application Gateway v2 needs."
                )
    return None


def an_application_gateway_is_managed_from_outside(request: Request) -> str | None:
    """The effective rules must allow 65200-65535 from GatewayManager."""
    return _blocked(request, APPLICATION_GATEWAY_INBOUND)


def an_application_gateway_may_call_out(request: Request) -> str | None:
    """The effective rules must allow outbound connections to the Internet."""
    return _blocked(request, APPLICATION_GATEWAY_OUTBOUND)


_BLOCKED = "ApplicationGatewaySubnet{}TrafficBlockedByNetworkSecurityGroup"
_INFRASTRUCTURE = "Microsoft Learn: azure/application-gateway/configuration-infrastructure"
_TABLE: tuple[tuple[str, str, Check, tuple[str, ...]], ...] = (
    (
        "NetworkSecurityGroupNotCompliantForAzureBastionSubnet",
        "Microsoft Learn: azure/bastion/bastion-nsg",
        a_bastion_subnet_has_the_complete_group,
        (_SUBNET, GROUP, RULE),
    ),
    (
        _BLOCKED.format("Inbound"),
        _INFRASTRUCTURE,
        an_application_gateway_is_managed_from_outside,
        (_SUBNET, GROUP, RULE, APPLICATION_GATEWAY),
    ),
    (
        _BLOCKED.format("Outbound"),
        _INFRASTRUCTURE,
        an_application_gateway_may_call_out,
        (_SUBNET, GROUP, RULE, APPLICATION_GATEWAY),
    ),
)
for _code, _source, _check, _types in _TABLE:
    _row = (_code, 400, _source, "network.required_rules")
    register(Rule(_check.__name__, *_row, _types, "put", _check))
    # Deleting a rule is refused, too.
    register(Rule(f"{_check.__name__}_still", *_row, (RULE,), "delete", _check))

TYPES = ()
