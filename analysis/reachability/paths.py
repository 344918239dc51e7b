"""Direct traffic between two endpoints, evaluated stage by stage, as a packet meets the stages.

A packet leaves a pod (network policies), the network interface and the subnet (security groups),
follows a route, passes the security groups at the destination, and enters a pod (network policies).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from analysis.reachability import services
from analysis.reachability.addresses import (
    AKS_OUTBOUND,
    EVERYWHERE,
    INTERNET,
    LOAD_BALANCER_PROBES,
    network,
)
from analysis.reachability.endpoints import Destination, Endpoint, Kind, Origin
from analysis.reachability.firewalls import Firewalls
from analysis.reachability.intervals import EMPTY, Intervals
from analysis.reachability.policies import NetworkPolicies, Peer, Pod, PolicyType
from analysis.reachability.return_traffic import answers_leave
from analysis.reachability.traffic import (
    Flow,
    Rule,
    Stage,
    Verdict,
    allow,
    apply_stages,
    deny,
    first_match,
    rule_for_any_service,
)
from analysis.reachability.virtual_networks import Route, Subnet, VirtualNetworks

NAMED_BY_AKS = frozenset({"kube-system", "gatekeeper-system"})
"""Namespaces whose pods dial the API server by its name, because AKS sets the variable for it."""


DNS = services.ports("udp", 53) | services.ports("tcp", 53)


@dataclass(frozen=True)
class Resolver:
    """What resolves names for a network."""

    stages: tuple[Stage, ...]
    """What limits the traffic to names: conditions, or that no server answers."""
    known: bool = True
    """Whether it is known where the server resolves names."""
    networks: frozenset[str] = frozenset()
    """The networks whose links to private zones decide."""
    where: str = ""


@dataclass(frozen=True)
class PathEvaluator:
    """Evaluates direct traffic with the networks, policies and firewalls of a state."""

    networks: VirtualNetworks
    policies: NetworkPolicies
    firewalls: Firewalls

    def evaluate(self, source: Endpoint, target: Endpoint) -> Verdict:
        """All direct traffic between two endpoints, allowed and denied."""
        found = Verdict()
        for destination in target.destinations:
            if source.kind.in_cluster and destination.external_only:
                continue
            for origin in source.origins or (None,):
                stages = self._stages(source, origin, target, destination)
                start = origin.addresses if origin else source.addresses
                label = (destination.label,) if destination.label else ()
                flow = Flow(start, destination.addresses, destination.services, label)
                found |= apply_stages(flow, stages)
        return found

    def _stages(
        self, source: Endpoint, origin: Origin | None, target: Endpoint, destination: Destination
    ) -> Iterator[Stage]:
        yield from self._name_resolution(source, origin, destination)
        if source.pod is not None:
            yield self._policies("Egress", source.pod, target.as_peer(destination.addresses))
        if (
            destination.in_cluster_only
            and not source.kind.in_cluster
            and not (origin and origin.subnet.reaches_overlay)
        ):
            yield deny("the addresses of overlay pods are not routed outside the cluster")
        if origin is not None:
            by_address = source.pod is not None and source.pod.namespace not in NAMED_BY_AKS
            dialled = destination.dialled_by_pods if by_address else ""
            yield from self._from_subnet(origin, destination, dialled)
        else:
            yield from self._from_outside(source, destination)
        yield from self._at_destination(destination)
        if target.pod is not None:
            # The source address is translated to the node's only when traffic leaves the cluster.
            peer = source.as_peer(origin.addresses if origin else source.addresses)
            yield self._policies_at_target(target.pod, peer, destination)

    def _policies_at_target(self, pod: Pod, peer: Peer, destination: Destination) -> Stage:
        """Policies see the port of the pod, not that of a load balancer in front of it."""

        def stage(flow: Flow) -> Verdict:
            found, rest = Verdict(), flow.services
            for (protocol, port), target in destination.target_ports.items():
                own = services.ports(protocol, port)
                part = replace(flow, services=flow.services & own)
                if not part:
                    continue
                rest -= own
                at_pod = (
                    services.ports(protocol, target)
                    if isinstance(target, int)
                    else pod.named_ports.get(target, own)
                )
                verdict = self.policies.evaluate(
                    "Ingress", pod, peer, replace(part, services=at_pod)
                )
                found |= Verdict(
                    tuple(replace(one, services=part.services) for one in verdict.allowed),
                    tuple(replace(one, services=part.services) for one in verdict.denied),
                )
            others = replace(flow, services=rest)
            return found | self.policies.evaluate("Ingress", pod, peer, others) if others else found

        return stage

    def _policies(self, policy_type: PolicyType, pod: Pod, peer: Peer) -> Stage:
        return lambda flow: self.policies.evaluate(policy_type, pod, peer, flow)

    def _name_resolution(
        self, source: Endpoint, origin: Origin | None, destination: Destination
    ) -> Iterator[Stage]:
        """Whether the private name of the destination resolves at the source."""
        if destination.resolves_in is None or source.kind is Kind.PROBES:
            return
        resolvers, where = frozenset[str](), source.name
        if origin is not None:
            resolvers = frozenset({origin.subnet.network})
            where = self.networks.names.get(origin.subnet.network, source.name)
        elif source.kind is Kind.ON_PREMISES:
            resolvers = self.networks.resolvers
        own_servers = origin is not None and self.networks.dns_servers.get(origin.subnet.network)
        if origin is not None and own_servers and not _asks_azure(source, destination):
            answer = self._own_dns_server(origin, where)
            yield from answer.stages
            if not answer.known:
                return
            resolvers, where = answer.networks, answer.where
        if resolvers & destination.resolves_in:
            return
        if destination.zone_of_others:
            yield allow(f"if its name resolves: another team owns the zone {destination.zone}")
        else:
            yield deny(
                f"its name does not resolve in {where}: no virtual network link to"
                f" {destination.zone}"
            )

    def _own_dns_server(self, origin: Origin, where: str) -> Resolver:
        """Which of the DNS servers of the origin's network answers: the first one it reaches.

        Clients ask the next server only where one does not answer, and use both protocols.
        """
        why: list[str] = []
        for server in self.networks.dns_servers[origin.subnet.network]:
            address = network(server)
            holder = self.networks.holder_of(address)
            subnet = self.networks.subnet_at(address)
            destination = Destination(
                address, network=holder, services=DNS, filtered_by=subnet,
                public=address <= INTERNET,
            )  # fmt: skip
            stages = [
                *self._from_subnet(origin, destination, ""),
                *self._at_destination(destination),
            ]
            verdict = apply_stages(Flow(origin.addresses, address, DNS), stages)
            silent = self.firewalls.without_dns(address)
            if verdict.denied or silent:
                reason = f"{silent} has no DNS proxy" if silent else verdict.denied[0].reasons[-1]
                why.append(f"{server} ({reason})")
                continue
            conditions = dict.fromkeys(
                reason
                for flow in verdict.allowed
                for reason in flow.reasons
                if reason.startswith("if ")
            )
            stages = [allow(reason) for reason in conditions]
            if not holder:
                unknown = f"if the DNS server {server}, whose network is not known, resolves it"
                return Resolver((*stages, allow(unknown)), known=False)
            title = f"{self.networks.names[holder]}, where {server} answers for {where}"
            return Resolver(tuple(stages), networks=frozenset({holder}), where=title)
        reason = f"its name does not resolve in {where}: no DNS server answers: {', '.join(why)}"
        return Resolver((deny(reason),), known=False)

    def _from_subnet(
        self, origin: Origin, destination: Destination, dialled: str
    ) -> Iterator[Stage]:
        """Out of a subnet and along a route, to the other subnet or to the Internet."""
        subnet = origin.subnet
        if origin.translated_to is not None and not destination.in_cluster_only:
            yield _translate_source(origin.translated_to)
        tag = self.networks.virtual_network_tag(subnet)
        for group in origin.security_groups:
            yield lambda flow, group=group: group.evaluate("Outbound", flow, tag)
        yield lambda flow: self.networks.evaluate_security_group(subnet, "Outbound", flow)
        if destination.in_cluster_only:
            return
        routes = sorted(subnet.routes, key=lambda route: -route.length)
        yield lambda flow: self._route(routes, origin, destination, dialled, flow)

    def _route(
        self,
        routes: list[Route],
        origin: Origin,
        destination: Destination,
        dialled: str,
        flow: Flow,
    ) -> Verdict:
        """The longest prefix wins; with equal lengths, user-defined routes win over Azure's."""
        found, remaining = Verdict(), [flow]
        for route in routes:
            prefix = network(route.prefix)
            if not destination.public and not prefix <= self._address_space(origin, destination):
                continue
            left: list[Flow] = []
            for part in remaining:
                matched = part.intersect(EVERYWHERE, prefix, services.EVERYTHING)
                if not matched:
                    left.append(part)
                    continue
                found |= self._next_hop(route, origin, dialled, matched)
                left.extend(part.subtract(matched))
            remaining = left
        for part in remaining:
            found |= self._system_route(origin, destination, part)
        return found

    def _address_space(self, origin: Origin, destination: Destination) -> Intervals:
        """The prefix of Azure's system route to private addresses."""
        if not destination.network and not self.networks.reaches_on_premises(origin.subnet.network):
            return EVERYWHERE
        space = self.networks.spaces.get(destination.network, EMPTY)
        return space or self.networks.on_premises

    def _next_hop(self, route: Route, origin: Origin, dialled: str, flow: Flow) -> Verdict:
        name = f"route {route.name}"
        match route.next_hop:
            case "None":
                return Verdict(denied=(flow.with_reasons(f"{name} drops it"),))
            case "VirtualAppliance":
                return self.firewalls.evaluate(route.address, flow.with_reasons(name), dialled)
            case "Internet":
                return self._to_internet(origin, flow)
            case _:
                return Verdict(allowed=(flow.with_reasons(name),))

    def _system_route(self, origin: Origin, destination: Destination, flow: Flow) -> Verdict:
        if destination.public:
            return self._to_internet(origin, flow)
        local, remote = origin.subnet.network, destination.network
        kind, reason = self.networks.connection(local, remote)
        if kind == "none":
            return Verdict(denied=(flow.with_reasons(reason),))
        if kind == "peering":
            return self.networks.peerings.evaluate(local, remote, reason, flow)
        return Verdict(allowed=(flow.with_reasons(reason) if reason else flow,))

    def _to_internet(self, origin: Origin, flow: Flow) -> Verdict:
        """Egress to the Internet, in Azure's order of precedence; a NAT gateway comes first."""
        subnet = origin.subnet
        if subnet.network not in self.networks.spaces:
            reason = f"if {subnet.name}, whose egress is not in the state, allows it"
            return _translated(flow, INTERNET, reason)
        if subnet.nat_gateway:
            addresses = self.networks.nat_addresses.get(subnet.nat_gateway, INTERNET)
            return _translated(flow, addresses, "NAT gateway")
        if origin.public_addresses:
            return _translated(flow, origin.public_addresses, "its public address")
        if origin.uses_load_balancer:
            return _translated(flow, AKS_OUTBOUND, "load balancer")
        if subnet.default_outbound:
            return _translated(flow, INTERNET, "default outbound access")
        return Verdict(denied=(flow.with_reasons(f"{subnet.name} has no egress to the Internet"),))

    def _from_outside(self, source: Endpoint, destination: Destination) -> Iterator[Stage]:
        if source.kind is Kind.PROBES:
            if destination.filtered_by is None:
                yield deny("no load balancer probes it")
        elif source.kind is Kind.ON_PREMISES:
            if destination.public:
                yield _translate_source(INTERNET)
            else:
                kind, reason = self.networks.connection("", destination.network)
                hub = self.networks.forwarded_by(destination.network)
                if kind == "none" and hub:
                    kind, reason = "gateway", f"if {hub} forwards it"
                yield deny(reason) if kind == "none" else allow(reason)
        elif not destination.public:
            yield deny("no public address")

    def _at_destination(self, destination: Destination) -> Iterator[Stage]:
        for subnet in destination.probed_subnets:
            blocked_by = self._rule_that_blocks_probes(subnet)
            if blocked_by:
                yield deny(
                    f"the load balancer's health probes do not reach its nodes ({blocked_by})"
                )
        if destination.failing_probes:
            yield _without_healthy_nodes(destination)
        if destination.allowed_sources is not None:
            yield _allow_sources(destination.allowed_sources, destination.allowed_sources_title)
        if destination.translated_to is not None:
            addresses = destination.translated_to
            yield lambda flow: Verdict(allowed=(replace(flow, destinations=addresses),))
        subnet = destination.filtered_by
        if subnet is None:
            return
        unfiltered = subnet.security_group is None and not destination.security_groups
        if destination.secure_by_default and unfiltered:
            yield deny("a Standard public IP denies inbound traffic without a security group")
            return
        yield lambda flow: self.networks.evaluate_security_group(subnet, "Inbound", flow)
        tag = self.networks.virtual_network_tag(subnet)
        for group in destination.security_groups:
            yield lambda flow, group=group: group.evaluate("Inbound", flow, tag)
        if destination.public and subnet.routes:
            yield answers_leave(subnet.routes)

    def _rule_that_blocks_probes(self, subnet: Subnet) -> str:
        """The rule that denies health probes to a subnet of nodes; empty if they are allowed."""
        probe = Flow(LOAD_BALANCER_PROBES, subnet.addresses, services.NODE_PORTS)
        denied = self.networks.evaluate_security_group(subnet, "Inbound", probe).denied
        return denied[0].reasons[-1] if denied else ""


def _asks_azure(source: Endpoint, destination: Destination) -> bool:
    """Whether the source asks Azure's resolver for the name, whatever its network's DNS servers.

    Application Gateway does so for names in Azure's domains, such as those of key vaults
    (application-gateway/application-gateway-dns-resolution).
    """
    return source.kind is Kind.GATEWAY and destination.zone.endswith(".azure.net")


def _translate_source(addresses: Intervals) -> Stage:
    return lambda flow: Verdict(allowed=(replace(flow, sources=addresses),))


def _translated(flow: Flow, sources: Intervals, reason: str) -> Verdict:
    return Verdict(allowed=(replace(flow, sources=sources).with_reasons(reason),))


def _without_healthy_nodes(destination: Destination) -> Stage:
    """A load balancer sends nothing to a node whose probe fails."""
    rules = [
        Rule(reason, False, EVERYWHERE, EVERYWHERE, services.ports(*one))  # noqa: FBT003
        for one, reason in destination.failing_probes.items()
    ]
    return lambda flow: first_match(
        [*rules, rule_for_any_service("health probes succeed", allow=True)], flow
    )


def _allow_sources(sources: Intervals, title: str) -> Stage:
    rules = [
        rule_for_any_service(title, allow=True, sources=sources),
        rule_for_any_service(f"not in {title}", allow=False),
    ]
    return lambda flow: first_match(rules, flow)
