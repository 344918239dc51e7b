"""The direct way from one endpoint to another, stage by stage, as a packet meets them.

Out of a pod by its policies, out of the interface and the subnet by their security groups, along a
route, in by the security groups at the other end, and into a pod by its policies.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from analysis.reachability import services
from analysis.reachability.addresses import EVERYWHERE, INTERNET, LOAD_BALANCER, OUTBOUND, network
from analysis.reachability.endpoints import Arrival, Endpoint, Kind, Place
from analysis.reachability.firewalls import Firewalls
from analysis.reachability.intervals import EMPTY, Intervals
from analysis.reachability.policies import Party, Pod, Policies, Way
from analysis.reachability.traffic import (
    Flow,
    Rule,
    Stage,
    Verdict,
    deny,
    first_match,
    note,
    travel,
)
from analysis.reachability.virtual_networks import Networks, Route, Subnet


@dataclass(frozen=True)
class Ways:
    """Everything that decides on direct traffic."""

    networks: Networks
    policies: Policies
    firewalls: Firewalls

    def between(self, source: Endpoint, target: Endpoint) -> Verdict:
        """All direct traffic between two endpoints, allowed and denied."""
        found = Verdict()
        for arrival in target.arrivals:
            if source.kind.in_cluster and arrival.outside_cluster:
                continue
            for place in source.places or (None,):
                stages = list(self._stages(source, place, target, arrival))
                start = place.addresses if place else source.addresses
                label = (arrival.label,) if arrival.label else ()
                flow = Flow(start, arrival.addresses, arrival.listens, label)
                found |= travel(flow, stages)
        return found

    def _stages(
        self, source: Endpoint, place: Place | None, target: Endpoint, arrival: Arrival
    ) -> Iterator[Stage]:
        yield from self._name(source, place, arrival)
        if source.pod is not None:
            yield self._policed("Egress", source.pod, target.party(arrival.addresses))
        if (
            arrival.cluster_only
            and not source.kind.in_cluster
            and not (place and place.subnet.reaches_overlay)
        ):
            yield deny("the addresses of pods on an overlay exist inside the cluster only")
        if place is not None:
            yield from self._out(place, arrival)
        else:
            yield from self._from_outside(source, arrival)
        yield from self._in(arrival)
        if target.pod is not None:
            # Translation to the node's address happens on the way out of the cluster only.
            party = source.party(place.addresses if place else source.addresses)
            yield self._policed("Ingress", target.pod, party)

    def _policed(self, way: Way, pod: Pod, other: Party) -> Stage:
        return lambda flow: self.policies.decide(way, pod, other, flow)

    def _name(self, source: Endpoint, place: Place | None, arrival: Arrival) -> Iterator[Stage]:
        if arrival.resolves_in is None or source.kind is Kind.PROBES:
            return
        if place is not None:
            asked = frozenset({place.subnet.network})
        else:
            asked = self.networks.resolvers if source.kind is Kind.ON_PREMISES else frozenset[str]()
        if not asked & arrival.resolves_in:
            at = self.networks.names[place.subnet.network] if place else source.name
            yield deny(f"its name does not resolve in {at}: no link to {arrival.zone}")

    def _out(self, place: Place, arrival: Arrival) -> Iterator[Stage]:
        """Out of a subnet and along a route, to the other subnet or to the Internet."""
        subnet = place.subnet
        if place.translated is not None and not arrival.cluster_only:
            yield _translate_source(place.translated)
        tag = self.networks.tag(subnet)
        for group in place.groups:
            yield lambda flow, group=group: group.decide("Outbound", flow, tag)
        yield lambda flow: self.networks.guard(subnet, "Outbound", flow)
        if arrival.cluster_only:
            return
        routes = sorted(subnet.routes, key=lambda route: -route.length)
        yield lambda flow: self._route(routes, place, arrival, flow)

    def _route(
        self, routes: list[Route], place: Place, arrival: Arrival, flow: Flow
    ) -> Verdict:  # fmt: skip
        """The longest prefix decides; a user's route comes before Azure's of the same length."""
        found, remaining = Verdict(), [flow]
        for route in routes:
            prefix = network(route.prefix)
            if not arrival.public and not prefix <= self._space(arrival):
                continue
            left: list[Flow] = []
            for part in remaining:
                matched = part.meet(EVERYWHERE, prefix, services.EVERYTHING)
                if not matched:
                    left.append(part)
                    continue
                found |= self._follow(route, place, matched)
                left.extend(part.without(matched))
            remaining = left
        for part in remaining:
            found |= self._system_route(place, arrival, part)
        return found

    def _space(self, arrival: Arrival) -> Intervals:
        """The prefix of Azure's own route to private addresses."""
        space = self.networks.spaces.get(arrival.network, EMPTY)
        return space or self.networks.on_premises

    def _follow(self, route: Route, place: Place, flow: Flow) -> Verdict:
        match route.next_hop:
            case "None":
                return Verdict(denied=(flow.because(f"route {route.name} drops it"),))
            case "VirtualAppliance":
                return self.firewalls.through(route.address, flow.because(f"route {route.name}"))
            case "Internet":
                return self._leave(place, flow)
            case _:
                return Verdict(allowed=(flow.because(f"route {route.name}"),))

    def _system_route(self, place: Place, arrival: Arrival, flow: Flow) -> Verdict:
        if arrival.public:
            return self._leave(place, flow)
        kind, reason = self.networks.connection(place.subnet.network, arrival.network)
        if kind == "none":
            return Verdict(denied=(flow.because(reason),))
        if kind == "peering":
            mine, theirs = self.networks.unsynced(place.subnet.network, arrival.network)
            unknown = f"{reason} is not in sync with a changed address space"
            box = {"sources": EVERYWHERE, "destinations": EVERYWHERE}
            rules = [
                Rule(name, allow=allow, services=services.EVERYTHING, **{**box, **narrower})
                for name, allow, narrower in (
                    (unknown, False, {"sources": mine}),
                    (unknown, False, {"destinations": theirs}),
                    (reason, True, {}),
                )
            ]
            return first_match(rules, flow)
        return Verdict(allowed=(flow.because(reason) if reason else flow,))

    def _leave(self, place: Place, flow: Flow) -> Verdict:
        """Out to the Internet: NAT gateway first, as Azure prefers it, then what else there is."""
        subnet = place.subnet
        if subnet.nat_gateway:
            addresses = self.networks.nat_addresses.get(subnet.nat_gateway, INTERNET)
            return Verdict(allowed=(replace(flow, sources=addresses).because("NAT gateway"),))
        if place.public:
            return Verdict(
                allowed=(replace(flow, sources=place.public).because("its public address"),)
            )
        if place.balancer:
            return Verdict(allowed=(replace(flow, sources=OUTBOUND).because("load balancer"),))
        if subnet.default_outbound:
            return Verdict(
                allowed=(replace(flow, sources=INTERNET).because("default outbound access"),)
            )
        return Verdict(denied=(flow.because(f"{subnet.name} has no way out to the Internet"),))

    def _from_outside(self, source: Endpoint, arrival: Arrival) -> Iterator[Stage]:
        if source.kind is Kind.PROBES:
            if arrival.guard is None:
                yield deny("nothing that a load balancer probes")
        elif source.kind is Kind.ON_PREMISES:
            if arrival.public:
                yield _translate_source(INTERNET)
            else:
                kind, reason = self.networks.connection("", arrival.network)
                yield deny(reason) if kind == "none" else note(reason)
        elif not arrival.public:
            yield deny("no public address")

    def _in(self, arrival: Arrival) -> Iterator[Stage]:
        """In at the other end."""
        for subnet in arrival.probed:
            blocked = self._blocked_probe(subnet)
            if blocked:
                yield deny(f"the load balancer's probes don't reach its nodes ({blocked})")
        if arrival.accepted is not None:
            yield _accept(arrival.accepted, arrival.accepted_by)
        if arrival.inside is not None:
            inside = arrival.inside
            yield lambda flow: Verdict(allowed=(replace(flow, destinations=inside),))
        guard = arrival.guard
        if guard is None:
            return
        if arrival.secure_by_default and guard.group is None and not arrival.groups:
            yield deny("a Standard address lets nothing in without a security group")
            return
        yield lambda flow: self.networks.guard(guard, "Inbound", flow)
        tag = self.networks.tag(guard)
        for group in arrival.groups:
            yield lambda flow, group=group: group.decide("Inbound", flow, tag)

    def _blocked_probe(self, subnet: Subnet) -> str:
        """The rule that keeps probes from a subnet of nodes; empty where they arrive."""
        probe = Flow(LOAD_BALANCER, subnet.addresses, services.NODE_PORTS)
        denied = self.networks.guard(subnet, "Inbound", probe).denied
        return denied[0].reasons[-1] if denied else ""


def _translate_source(addresses: Intervals) -> Stage:
    return lambda flow: Verdict(allowed=(replace(flow, sources=addresses),))


def _accept(sources: Intervals, name: str) -> Stage:
    rules = [
        Rule(name, allow=True, sources=sources, destinations=EVERYWHERE,
             services=services.EVERYTHING),
        Rule(f"not among the {name}", allow=False, sources=EVERYWHERE, destinations=EVERYWHERE,
             services=services.EVERYTHING),
    ]  # fmt: skip
    return lambda flow: first_match(rules, flow)
