"""What a picture shows, read from a stack's state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from analysis.diagram.catalog import BY_TYPE, Facts, pools_inside
from analysis.diagram.kinds import Kind
from analysis.stack_state import Json, Resource, State, key, reference

SUBNETS, NETWORKS = "/subnets/", "/virtualnetworks/"
LINKS = {
    "network:VirtualNetworkPeering",
    "network:VirtualNetworkGatewayConnection",
    "privatedns:VirtualNetworkLink",
}
"""Types that are drawn as a line, or told with what they connect."""
TOLD = {
    "network:NetworkSecurityGroup",
    "network:RouteTable",
    "network:Route",
    "network:NatGateway",
    "network:PublicIPAddress",
    "network:NetworkInterface",
    "network:LocalNetworkGateway",
    "network:WebApplicationFirewallPolicy",
    "network:FirewallPolicy",
    "network:PrivateDnsZoneGroup",
    "dnsresolver:DnsResolver",
    "servicenetworking:AssociationsInterface",
    "servicenetworking:FrontendsInterface",
    "servicenetworking:SecurityPoliciesInterface",
}
"""Types that are told with what they belong to."""


@dataclass(frozen=True)
class Node:
    """Something with an icon."""

    id: str
    kind: Kind
    name: str
    details: tuple[str, ...] = ()
    public: tuple[str, ...] = ()
    """Its public addresses."""


@dataclass(frozen=True)
class Guard:
    """What is attached to a subnet: its security group, route table, NAT gateway."""

    kind: Kind
    name: str
    public: tuple[str, ...] = ()


@dataclass(frozen=True)
class Subnet:
    """A subnet with what is in it."""

    id: str
    name: str
    prefix: str
    guards: tuple[Guard, ...]
    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class Network:
    """A virtual network; one that is not in the state is known by what refers to it."""

    id: str
    name: str
    ranges: tuple[str, ...]
    subnets: tuple[Subnet, ...]
    in_state: bool = True

    @property
    def holds_cluster(self) -> bool:
        kinds = {node.kind for subnet in self.subnets for node in subnet.nodes}
        return bool(kinds & {Kind.CLUSTER, Kind.POOL})


@dataclass(frozen=True)
class Peering:
    """Both halves of a peering, or the one that the state has."""

    ends: tuple[str, str]
    """Ids of the networks."""
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Site:
    """What is on the other side of a gateway."""

    node: Node
    gateway: str
    """Id of the gateway that connects it."""


@dataclass(frozen=True)
class Group:
    """What is in no subnet, by what it is for."""

    title: str
    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class Topology:
    """Everything that is drawn."""

    networks: tuple[Network, ...]
    peerings: tuple[Peering, ...]
    sites: tuple[Site, ...]
    groups: tuple[Group, ...]
    resources: int
    """How many the state holds."""
    left_out: Mapping[str, int]
    """How many of each type are not in the picture."""

    @property
    def nodes(self) -> Iterator[Node]:
        for network in self.networks:
            for subnet in network.subnets:
                yield from subnet.nodes
        yield from (site.node for site in self.sites)
        for group in self.groups:
            yield from group.nodes


def read(exported: Sequence[Json]) -> Topology:
    """From `deployment.resources` of an export.

    Raises ValueError when the stack is not deployed.
    """
    state = State.from_export(exported)
    reader = _Reader(state)
    networks = reader.networks()
    counted = [item for item in state.resources if not item.type.startswith("pulumi:")]
    return Topology(
        networks=networks,
        peerings=tuple(reader.peerings()),
        sites=tuple(reader.sites()),
        groups=reader.groups(),
        resources=len(counted),
        left_out=_left_out(counted),
    )


def _left_out(resources: Sequence[Resource]) -> dict[str, int]:
    shown = {*BY_TYPE, *LINKS, *TOLD, "network:VirtualNetwork", "network:Subnet"}
    rest = Counter(
        _short(item.type).split(":")[-1] for item in resources if _short(item.type) not in shown
    )
    return dict(sorted(rest.items(), key=lambda row: (-row[1], row[0])))


def _short(token: str) -> str:
    """`network:Subnet` of azure-native's types; Kubernetes' by kind alone."""
    if token.startswith("kubernetes:"):
        return f"kubernetes:{token.rsplit(':', 1)[-1]}"
    return token.removeprefix("azure-native:")


class _Reader:
    def __init__(self, state: State) -> None:
        self.state = state
        self.public = {
            item.key: str(item.properties.get("ipAddress") or "address to come")
            for item in state.of_type("network:PublicIPAddress")
        }
        self._inside: dict[str, list[Node]] = {}
        self._outside: dict[str, list[Node]] = {}
        facts = Facts(state)
        for item in (*state.resources, *pools_inside(state)):
            row = BY_TYPE.get(_short(item.type))
            if row is None:
                continue
            node = Node(
                id=item.key,
                kind=row.kind,
                name=str(item.mapping("metadata").get("name") or item.name),
                details=tuple(filter(None, row.details(item, facts))),
                public=(
                    *(self.public[one] for one in _ids(item.properties, self.public)),
                    *row.public(item, facts),
                ),
            )
            subnet = row.place(item, facts)
            if subnet:
                self._inside.setdefault(subnet, []).append(node)
            else:
                self._outside.setdefault(row.group, []).append(node)

        for nodes in (*self._inside.values(), *self._outside.values()):
            nodes.sort(key=lambda node: list(Kind).index(node.kind))

    def networks(self) -> tuple[Network, ...]:
        """The state's networks, then those that are only referred to."""
        subnets = {item.key: item for item in self.state.of_type("network:Subnet")}
        found = {item.key: item for item in self.state.of_type("network:VirtualNetwork")}
        ends = [end for peering in self.peerings() for end in peering.ends]
        owners = [one.partition(SUBNETS)[0] for one in (*subnets, *self._inside)]
        return tuple(
            self._network(name, found.get(name), subnets)
            for name in dict.fromkeys([*found, *owners, *ends])
        )

    def _network(
        self, name: str, item: Resource | None, subnets: Mapping[str, Resource]
    ) -> Network:
        within = [
            one for one in dict.fromkeys([*subnets, *self._inside]) if one.startswith(f"{name}/")
        ]
        return Network(
            id=name,
            name=item.name if item else name.rsplit("/", 1)[-1],
            ranges=tuple(item.mapping("addressSpace").get("addressPrefixes") or ()) if item else (),
            subnets=tuple(
                sorted((self._subnet(one, subnets.get(one)) for one in within), key=_by_address)
            ),
            in_state=item is not None,
        )

    def _subnet(self, name: str, item: Resource | None) -> Subnet:
        nodes = tuple(self._inside.get(name, ()))
        if item is None:
            return Subnet(name, name.rsplit("/", 1)[-1], "", (), nodes)
        of = item.properties
        prefixes = [of.get("addressPrefix"), *(of.get("addressPrefixes") or ())]
        return Subnet(
            id=name,
            name=item.name,
            prefix=", ".join(str(prefix) for prefix in prefixes if prefix),
            guards=tuple(self._guards(of)),
            nodes=nodes,
        )

    def _guards(self, subnet: Json) -> Iterator[Guard]:
        for name, kind in (
            ("networkSecurityGroup", Kind.SECURITY_GROUP),
            ("routeTable", Kind.ROUTE_TABLE),
            ("natGateway", Kind.NAT_GATEWAY),
        ):
            target = reference(subnet, name)
            if target:
                item = self.state.get(target)
                public = _ids(item.properties, self.public) if item else ()
                yield Guard(
                    kind,
                    item.name if item else target.rsplit("/", 1)[-1],
                    tuple(self.public[one] for one in public),
                )

    def peerings(self) -> Iterator[Peering]:
        halves: dict[tuple[str, str], list[Resource]] = {}
        for item in self.state.of_type("network:VirtualNetworkPeering"):
            local = item.key.partition("/virtualnetworkpeerings/")[0]
            remote = reference(item.properties, "remoteVirtualNetwork")
            first, second = sorted((local, remote))
            halves.setdefault((first, second), []).append(item)
        for ends, items in halves.items():
            of = [item.properties for item in items]
            notes = [
                "uses the gateway" if any(one.get("useRemoteGateways") for one in of) else "",
                "forwards traffic" if any(one.get("allowForwardedTraffic") for one in of) else "",
                "disconnected" if any(one.get("peeringState") == "Disconnected" for one in of)
                else "",
            ]  # fmt: skip
            yield Peering(ends, tuple(filter(None, notes)))

    def sites(self) -> Iterator[Site]:
        for item in self.state.of_type("network:VirtualNetworkGatewayConnection"):
            gateway = reference(item.properties, "virtualNetworkGateway1")
            target = reference(item.properties, "localNetworkGateway2")
            site = self.state.get(target) if target else None
            circuit = reference(item.properties, "peer")
            by = f"by {gateway.rsplit('/', 1)[-1]}"
            if site:
                ranges = site.mapping("localNetworkAddressSpace").get("addressPrefixes") or ()
                address = str(site.properties.get("gatewayIpAddress") or "")
                details = tuple(filter(None, (", ".join(ranges), address, by)))
                node = Node(site.key, Kind.SITE, site.name, details)
            else:
                name = (circuit or target).rsplit("/", 1)[-1]
                node = Node(circuit or target, Kind.CIRCUIT, name, (by,))
            yield Site(node, gateway)

    def groups(self) -> tuple[Group, ...]:
        order = {row.group: None for row in BY_TYPE.values()}
        return tuple(
            Group(title, tuple(self._outside[title])) for title in order if title in self._outside
        )


def _by_address(subnet: Subnet) -> tuple[list[int], str]:
    first = subnet.prefix.partition("/")[0]
    return [int(part) for part in first.split(".") if part.isdigit()], subnet.name


def _ids(value: object, known: Mapping[str, str]) -> list[str]:
    """The keys among `known` that occur anywhere in a value, in order."""
    found: list[str] = []
    if isinstance(value, str):
        found = [key(value)] if key(value) in known else []
    elif isinstance(value, Mapping):
        parts = cast("Mapping[str, object]", value).values()
        found = [one for part in parts for one in _ids(part, known)]
    elif isinstance(value, list):
        found = [one for part in cast("list[object]", value) for one in _ids(part, known)]
    return list(dict.fromkeys(found))
