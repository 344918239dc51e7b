"""Network security groups, evaluated like Azure does: in order of priority, first match wins.

Sources: Microsoft Learn, "How network security groups filter network traffic" and "Virtual network
service tags". The tag `VirtualNetwork` contains the network, peered networks, on-premises networks
behind a gateway, the prefixes of the subnet's user-defined routes, and the addresses of the host.
So a rule that denies this tag also denies health probes of load balancers, unless an earlier rule
allows them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from analysis.reachability import addresses, services
from analysis.reachability.intervals import Intervals, union
from analysis.reachability.traffic import Flow, Rule, Verdict, first_match
from analysis.stack_state import State

Direction = Literal["Inbound", "Outbound"]
ANY, VNET, LOAD_BALANCER, INTERNET = "*", "VirtualNetwork", "AzureLoadBalancer", "Internet"

DEFAULT_RULES: tuple[tuple[str, Direction, int, str, str, str], ...] = (
    ("AllowVnetInBound", "Inbound", 65000, "Allow", VNET, VNET),
    ("AllowAzureLoadBalancerInBound", "Inbound", 65001, "Allow", LOAD_BALANCER, ANY),
    ("DenyAllInBound", "Inbound", 65500, "Deny", ANY, ANY),
    ("AllowVnetOutBound", "Outbound", 65000, "Allow", VNET, VNET),
    ("AllowInternetOutBound", "Outbound", 65001, "Allow", ANY, INTERNET),
    ("DenyAllOutBound", "Outbound", 65500, "Deny", ANY, ANY),
)
"""Azure's default rules: name, direction, priority, access, source, destination."""


@dataclass(frozen=True)
class SecurityRule:
    """A security rule; prefixes may be service tags."""

    name: str
    direction: Direction
    priority: int
    allow: bool
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    services: Intervals


@dataclass(frozen=True)
class SecurityGroup:
    """A network security group with its rules, the default rules included."""

    name: str
    rules: tuple[SecurityRule, ...]

    def evaluate(self, direction: Direction, flow: Flow, virtual_network: Intervals) -> Verdict:
        """Split a flow; `virtual_network` is the meaning of that tag at the group's subnet."""
        rules = [
            Rule(
                name=f"{self.name}: {rule.name}",
                allow=rule.allow,
                sources=_addresses(rule.sources, virtual_network),
                destinations=_addresses(rule.destinations, virtual_network),
                services=rule.services,
            )
            for rule in sorted(self.rules, key=lambda rule: rule.priority)
            if rule.direction == direction
        ]
        return first_match(rules, flow)


@cache
def _addresses(prefixes: tuple[str, ...], virtual_network: Intervals) -> Intervals:
    meaning = {
        ANY: addresses.EVERYWHERE,
        "0.0.0.0/0": addresses.EVERYWHERE,
        "any": addresses.EVERYWHERE,
        VNET: virtual_network,
        LOAD_BALANCER: addresses.LOAD_BALANCER_PROBES,
        INTERNET: (addresses.INTERNET | addresses.AZURE) - virtual_network,
        "AzureCloud": addresses.AZURE,
    }
    return union(
        meaning[prefix]
        if prefix in meaning
        else addresses.network(prefix)
        if prefix[0].isdigit() or ":" in prefix
        else addresses.service_tag(prefix)
        for prefix in prefixes
    )


def _default_rules() -> tuple[SecurityRule, ...]:
    return tuple(
        SecurityRule(
            name, direction, priority, access == "Allow", (source,), (target,),
            services.EVERYTHING,
        )
        for name, direction, priority, access, source, target in DEFAULT_RULES
    )  # fmt: skip


def with_default_rules(name: str, rules: Sequence[SecurityRule] = ()) -> SecurityGroup:
    """A group with these rules and Azure's default rules."""
    return SecurityGroup(name, (*rules, *_default_rules()))


def parse(properties: Mapping[str, Any]) -> SecurityRule:
    """A rule from its properties. Raises ValueError for features that are not supported."""
    name = str(properties["name"])
    for side in ("source", "destination"):
        if properties.get(f"{side}ApplicationSecurityGroups"):
            raise ValueError(f"rule {name}: application security groups are not supported")
    source_ports = _several(properties, "sourcePortRange")
    if source_ports and ANY not in source_ports:
        raise ValueError(f"rule {name}: source ports other than * are not supported")
    return SecurityRule(
        name=name,
        direction="Inbound" if properties["direction"] == "Inbound" else "Outbound",
        priority=int(properties["priority"]),
        allow=properties["access"] == "Allow",
        sources=_several(properties, "sourceAddressPrefix", "sourceAddressPrefixes"),
        destinations=_several(properties, "destinationAddressPrefix", "destinationAddressPrefixes"),
        services=services.from_rule(
            str(properties["protocol"]), list(_several(properties, "destinationPortRange"))
        ),
    )


def _several(properties: Mapping[str, Any], singular: str, plural: str = "") -> tuple[str, ...]:
    """Azure has each field of a rule twice: for one value and for several. Both count."""
    found = [properties.get(singular), *(properties.get(plural or f"{singular}s") or ())]
    return tuple(dict.fromkeys(str(value) for value in found if value))


def from_state(state: State) -> dict[str, SecurityGroup]:
    """All groups by key, with inline rules and rules that are separate resources."""
    found: dict[str, SecurityGroup] = {}
    for item in state.of_type("network:NetworkSecurityGroup"):
        own = {str(rule["name"]): parse(rule) for rule in item.items("securityRules")}
        for rule in state.of_type("network:SecurityRule"):
            if rule.key.startswith(f"{item.key}/securityrules/"):
                own[rule.name] = parse({"name": rule.name, **rule.properties})
        found[item.key] = with_default_rules(item.name, tuple(own.values()))
    return found
