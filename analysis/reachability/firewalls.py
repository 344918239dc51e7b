"""Network appliances in routes: Azure Firewall with its policy, or an appliance of another vendor.

Source: Microsoft Learn, "Configure Azure Firewall rules": network rules are evaluated before
application rules, groups and collections by priority, and traffic that no rule allows is denied.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from analysis.reachability import addresses, services
from analysis.reachability.intervals import EMPTY, Intervals, union
from analysis.reachability.traffic import Flow, Rule, Verdict, first_match
from analysis.stack_state import Json, State, key, reference
from support import nested

_WEB_PORTS = {"http": 80, "https": 443, "mssql": 1433}
_DENIED = Rule(
    "no firewall rule allows it", allow=False, sources=addresses.EVERYWHERE,
    destinations=addresses.EVERYWHERE, services=services.EVERYTHING,
)  # fmt: skip


@dataclass(frozen=True)
class FirewallRule:
    """A rule with the host names that it is for."""

    rule: Rule
    application: bool
    """Whether it is an application rule, which needs the server's name in the TLS handshake."""
    names: tuple[str, ...]
    """Host names or FQDN tags; empty for a rule by address."""

    def applies_to(self, dialled: str) -> bool:
        """Whether it applies to connections to a server that clients dial by its address.

        `dialled` is the server's name, which the rule may have resolved; empty for any connection.
        """
        return not dialled or (not self.application and (not self.names or dialled in self.names))


@dataclass(frozen=True)
class Firewall:
    """A firewall with its private and public addresses and its rules."""

    name: str
    private_addresses: Intervals
    public_addresses: Intervals
    rules: tuple[FirewallRule, ...]
    dns_proxy: bool
    """Whether it answers DNS queries, by its policy."""

    def forward(self, flow: Flow) -> Iterator[Flow]:
        """The flow as it leaves the firewall, which translates sources (SNAT) to the Internet.

        To private destinations it does not (azure/firewall/snat-private-range).
        """
        inside = replace(flow, destinations=flow.destinations & addresses.PRIVATE)
        outside = replace(flow, destinations=flow.destinations - addresses.PRIVATE)
        if inside:
            yield inside
        if outside:
            known = self.public_addresses != addresses.INTERNET
            source = addresses.text(self.public_addresses) if known else "its public address"
            reason = f"{self.name} sends it from {source}"
            yield replace(outside, sources=self.public_addresses).with_reasons(reason)


@dataclass(frozen=True)
class Firewalls:
    firewalls: tuple[Firewall, ...]

    def without_dns(self, address: Intervals) -> str:
        """The name of the firewall at an address that answers no DNS queries; empty if none."""
        return next(
            (
                one.name
                for one in self.firewalls
                if address <= one.private_addresses and not one.dns_proxy
            ),
            "",
        )

    def evaluate(self, next_hop: str, flow: Flow, dialled: str = "") -> Verdict:
        """Split a flow at an appliance. One that is not in the state is assumed to allow all.

        `dialled` is the name of a server that the client dials by its address.
        """
        hop = addresses.network(next_hop)
        for one in self.firewalls:
            if hop <= one.private_addresses:
                rules = [row for row in one.rules if row.applies_to(dialled)]
                verdict = _evaluate(rules, flow)
                passed = (part for flow in verdict.allowed for part in one.forward(flow))
                return Verdict(tuple(passed), verdict.denied)
        reason = f"if the appliance {next_hop} allows it"
        return Verdict(allowed=(replace(flow, sources=addresses.INTERNET).with_reasons(reason),))


def _evaluate(rules: Sequence[FirewallRule], flow: Flow) -> Verdict:
    """Split a flow by the rules; the first match decides.

    A rule by name decides on the servers of that name only. All other servers at the same addresses
    are left to the rules after it.
    """
    found, remaining = Verdict(), [flow]
    for row in [*rules, FirewallRule(_DENIED, application=False, names=())]:
        left: list[Flow] = []
        for part in remaining:
            rule = row.rule
            matched = part.intersect(rule.sources, rule.destinations, rule.services)
            if not matched:
                left.append(part)
            elif not row.names:
                found |= first_match([rule], matched)
                left.extend(part.subtract(matched))
            else:
                left.append(part)
                if rule.allow:
                    only = f"{rule.name}, only to {', '.join(row.names)}"
                    named = replace(matched.with_reasons(only), names=row.names)
                    found |= Verdict(allowed=(named,))
        remaining = left
    return found


def from_state(
    state: State,
    subnets: Mapping[str, Intervals],
    public_addresses: Mapping[str, Intervals],
) -> Firewalls:
    """All firewalls of a state; `subnets` maps keys of subnets to their addresses."""
    found: list[Firewall] = []
    for item in state.of_type("network:AzureFirewall"):
        parts = item.items("ipConfigurations")
        policy = reference(item.properties, "firewallPolicy")
        outside = union(
            public_addresses.get(reference(part, "publicIPAddress"), EMPTY) for part in parts
        )
        inside = union(subnets.get(reference(part, "subnet"), EMPTY) for part in parts)
        rules = tuple(_rules(state, item.name, policy))
        settings = state.get(policy)
        proxy = bool(settings and settings.mapping("dnsSettings").get("enableProxy"))
        found.append(Firewall(item.name, inside, outside or addresses.INTERNET, rules, proxy))
    return Firewalls(tuple(found))


def _rules(state: State, firewall: str, policy: str) -> Iterator[FirewallRule]:
    groups = [
        item
        for item in state.of_type("network:FirewallPolicyRuleCollectionGroup")
        if item.key.startswith(f"{key(policy)}/rulecollectiongroups/")
    ]
    groups.sort(key=lambda item: int(item.properties.get("priority") or 0))
    rows = [
        (f"{firewall}: {rule['name']}", collection, rule)
        for item in groups
        for collection in sorted(item.items("ruleCollections"), key=lambda row: row["priority"])
        for rule in nested.items(collection, "rules")
    ]
    for kind in ("NetworkRule", "ApplicationRule"):
        for name, collection, rule in rows:
            if rule.get("ruleType") != kind:
                continue
            allow = nested.mapping(collection, "action").get("type") == "Allow"
            row = Rule(
                name=name,
                allow=allow,
                sources=_addresses(rule.get("sourceAddresses") or ()),
                destinations=_destinations(rule),
                services=_network_services(rule)
                if kind == "NetworkRule"
                else _application_services(rule),
            )
            yield FirewallRule(row, kind == "ApplicationRule", tuple(_names(rule)))


def _addresses(prefixes: Sequence[str]) -> Intervals:
    return union(
        addresses.EVERYWHERE
        if prefix == "*"
        else addresses.network(prefix)
        if prefix[0].isdigit()
        else addresses.service_tag(prefix)
        for prefix in prefixes
    )


def _names(rule: Json) -> Iterator[str]:
    for property_name in ("destinationFqdns", "targetFqdns", "fqdnTags"):
        yield from map(str, rule.get(property_name) or ())


def _destinations(rule: Json) -> Intervals:
    """The destinations of a rule; host names may resolve to any public address."""
    named = any(_names(rule))
    stated = _addresses(rule.get("destinationAddresses") or ())
    return stated | (addresses.INTERNET if named else EMPTY)


def _network_services(rule: Json) -> Intervals:
    ports = [str(port) for port in rule.get("destinationPorts") or ()]
    protocols = [str(name) for name in rule.get("ipProtocols") or ()]
    return union(
        services.from_rule("*" if name.lower() == "any" else name, ports) for name in protocols
    )


def _application_services(rule: Json) -> Intervals:
    rows = nested.items(rule, "protocols")
    if not rows:
        # An FQDN tag defines its protocols: HTTP and HTTPS.
        return services.tcp(80, 443)
    return services.tcp(
        *(int(row.get("port") or _WEB_PORTS[str(row["protocolType"]).lower()]) for row in rows)
    )
