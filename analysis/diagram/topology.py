"""The contents of a picture, read from a stack's state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from analysis.diagram.catalog import BY_TYPE, StateLookup, inline_node_pools
from analysis.diagram.kinds import Kind
from analysis.stack_state import KUBERNETES, Json, Resource, State, key, reference

LINKS = {
    "network:VirtualNetworkPeering",
    "network:VirtualNetworkGatewayConnection",
    "privatedns:VirtualNetworkLink",
}
"""Types that are drawn as a line, or shown as a detail of a resource that they connect."""
DETAILS = {
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
"""Types that are shown as a detail of the resource that they belong to."""


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
class Attachment:
    """What is attached to a subnet: its network security group, route table, NAT gateway."""

    kind: Kind
    name: str
    public: tuple[str, ...] = ()


@dataclass(frozen=True)
class Subnet:
    """A subnet with the resources in it."""

    id: str
    name: str
    prefix: str
    attachments: tuple[Attachment, ...]
    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class Network:
    """A virtual network. One that is not in the state is known only from references to it."""

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
    """Both directions of a peering, or the one in the state."""

    ends: tuple[str, str]
    """Ids of the networks."""
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Site:
    """The remote end of a gateway's connection: a site or an ExpressRoute circuit."""

    node: Node
    gateway: str
    """Id of the gateway that connects it."""


@dataclass(frozen=True)
class Group:
    """Resources outside all subnets, by purpose."""

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
    """Number of resources in the state."""
    not_drawn: Mapping[str, int]
    """Number of resources of each type that are not in the picture."""

    @property
    def nodes(self) -> Iterator[Node]:
        for network in self.networks:
            for subnet in network.subnets:
                yield from subnet.nodes
        yield from (site.node for site in self.sites)
        for group in self.groups:
            yield from group.nodes


def read(exported: Sequence[Json]) -> Topology:
    """Read `deployment.resources` of an export.

    Raises ValueError if the stack is not deployed.
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
        not_drawn=_not_drawn(counted),
    )


def _not_drawn(resources: Sequence[Resource]) -> dict[str, int]:
    shown = {*BY_TYPE, *LINKS, *DETAILS, "network:VirtualNetwork", "network:Subnet"}
    rest = Counter(item.kind for item in resources if _short_type(item) not in shown)
    return dict(sorted(rest.items(), key=lambda row: (-row[1], row[0])))


def _short_type(item: Resource) -> str:
    """`network:Subnet` for Azure resources, `kubernetes:Ingress` for Kubernetes objects."""
    return f"{KUBERNETES}{item.kind}" if item.is_kubernetes else item.token


class _Reader:
    def __init__(self, state: State) -> None:
        self.state = state
        self.public = {
            item.key: str(item.properties.get("ipAddress") or "address not assigned yet")
            for item in state.of_type("network:PublicIPAddress")
        }
        self._in_subnets: dict[str, list[Node]] = {}
        self._in_groups: dict[str, list[Node]] = {}
        lookup = StateLookup(state)
        for item in (*state.resources, *inline_node_pools(state)):
            row = BY_TYPE.get(_short_type(item))
            if row is None:
                continue
            node = Node(
                id=item.key,
                kind=row.kind,
                name=str(item.mapping("metadata").get("name") or item.name),
                details=tuple(filter(None, row.details(item, lookup))),
                public=(
                    *(self.public[one] for one in _ids(item.properties, self.public)),
                    *row.public(item, lookup),
                ),
            )
            subnet = row.subnet(item, lookup)
            if subnet:
                self._in_subnets.setdefault(subnet, []).append(node)
            else:
                self._in_groups.setdefault(row.group, []).append(node)

        for nodes in (*self._in_subnets.values(), *self._in_groups.values()):
            nodes.sort(key=lambda node: list(Kind).index(node.kind))

    def networks(self) -> tuple[Network, ...]:
        """The networks of the state, then those known only from references."""
        subnets = {item.key: item for item in self.state.of_type("network:Subnet")}
        found = {item.key: item for item in self.state.of_type("network:VirtualNetwork")}
        ends = [end for peering in self.peerings() for end in peering.ends]
        owners = [one.partition("/subnets/")[0] for one in (*subnets, *self._in_subnets)]
        return tuple(
            self._network(name, found.get(name), subnets)
            for name in dict.fromkeys([*found, *owners, *ends])
        )

    def _network(
        self, name: str, item: Resource | None, subnets: Mapping[str, Resource]
    ) -> Network:
        subnet_ids = [
            one
            for one in dict.fromkeys([*subnets, *self._in_subnets])
            if one.startswith(f"{name}/")
        ]
        return Network(
            id=name,
            name=item.name if item else name.rsplit("/", 1)[-1],
            ranges=tuple(item.mapping("addressSpace").get("addressPrefixes") or ()) if item else (),
            subnets=tuple(
                sorted((self._subnet(one, subnets.get(one)) for one in subnet_ids), key=_by_address)
            ),
            in_state=item is not None,
        )

    def _subnet(self, name: str, item: Resource | None) -> Subnet:
        nodes = tuple(self._in_subnets.get(name, ()))
        if item is None:
            return Subnet(name, name.rsplit("/", 1)[-1], "", (), nodes)
        of = item.properties
        prefixes = [of.get("addressPrefix"), *(of.get("addressPrefixes") or ())]
        return Subnet(
            id=name,
            name=item.name,
            prefix=", ".join(str(prefix) for prefix in prefixes if prefix),
            attachments=tuple(self._attachments(of)),
            nodes=nodes,
        )

    def _attachments(self, subnet: Json) -> Iterator[Attachment]:
        for name, kind in (
            ("networkSecurityGroup", Kind.SECURITY_GROUP),
            ("routeTable", Kind.ROUTE_TABLE),
            ("natGateway", Kind.NAT_GATEWAY),
        ):
            target = reference(subnet, name)
            if target:
                item = self.state.get(target)
                public = _ids(item.properties, self.public) if item else ()
                yield Attachment(
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
            notes = [
                ("uses the remote gateway", "useRemoteGateways", True),
                ("forwards traffic", "allowForwardedTraffic", True),
                ("disconnected", "peeringState", "Disconnected"),
            ]
            yield Peering(
                ends,
                tuple(
                    note
                    for note, name, value in notes
                    if any(item.at(name) == value for item in items)
                ),
            )

    def sites(self) -> Iterator[Site]:
        for item in self.state.of_type("network:VirtualNetworkGatewayConnection"):
            gateway = reference(item.properties, "virtualNetworkGateway1")
            target = reference(item.properties, "localNetworkGateway2")
            site = self.state.get(target) if target else None
            circuit = reference(item.properties, "peer")
            via = f"via {gateway.rsplit('/', 1)[-1]}"
            if site:
                ranges = site.mapping("localNetworkAddressSpace").get("addressPrefixes") or ()
                address = str(site.properties.get("gatewayIpAddress") or "")
                details = tuple(filter(None, (", ".join(ranges), address, via)))
                node = Node(site.key, Kind.SITE, site.name, details)
            else:
                name = (circuit or target).rsplit("/", 1)[-1]
                node = Node(circuit or target, Kind.CIRCUIT, name, (via,))
            yield Site(node, gateway)

    def groups(self) -> tuple[Group, ...]:
        order = {row.group: None for row in BY_TYPE.values()}
        return tuple(
            Group(title, tuple(self._in_groups[title]))
            for title in order
            if title in self._in_groups
        )


def _by_address(subnet: Subnet) -> tuple[list[int], str]:
    first = subnet.prefix.partition("/")[0]
    return [int(part) for part in first.split(".") if part.isdigit()], subnet.name


def _ids(value: object, known: Mapping[str, str]) -> list[str]:
    """The keys in `known` that occur anywhere in a value, in order."""
    found: list[str] = []
    if isinstance(value, str):
        found = [key(value)] if key(value) in known else []
    elif isinstance(value, Mapping):
        parts = cast("Mapping[str, object]", value).values()
        found = [one for part in parts for one in _ids(part, known)]
    elif isinstance(value, list):
        found = [one for part in cast("list[object]", value) for one in _ids(part, known)]
    return list(dict.fromkeys(found))
