"""Virtual networks: subnets, gateways to on-premises, routes, and how networks are connected.

Source: Microsoft Learn, "Virtual network traffic routing".
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from analysis.reachability import addresses
from analysis.reachability.addresses import network, networks
from analysis.reachability.intervals import EMPTY, Intervals, union
from analysis.reachability.peerings import Peerings
from analysis.reachability.peerings import from_state as read_peerings
from analysis.reachability.security_groups import Direction, SecurityGroup
from analysis.reachability.traffic import Flow, Verdict
from analysis.stack_state import Json, Resource, State, key, reference
from support import nested


@dataclass(frozen=True)
class Route:
    """A user-defined route."""

    name: str
    prefix: str
    next_hop: str
    """`VirtualAppliance`, `VnetLocal`, `VirtualNetworkGateway`, `Internet` or `None`."""
    address: str

    @property
    def length(self) -> int:
        return int(self.prefix.partition("/")[2] or 32)


@dataclass(frozen=True)
class Subnet:
    """A subnet with its security group, routes and NAT gateway."""

    id: str
    """Key of its id."""
    name: str
    network: str
    """Key of its virtual network."""
    addresses: Intervals
    security_group: SecurityGroup | None
    routes: tuple[Route, ...]
    nat_gateway: str
    default_outbound: bool
    filters_private_endpoints: bool
    """Whether its security group applies to the private endpoints in it; off by default."""
    reaches_overlay: bool
    """Whether it is delegated to a gateway that Azure connects to overlay pods: Application Gateway
    for Containers, and Application Gateway where AGIC runs
    (application-gateway/for-containers/container-networking)."""


Connection = Literal["same network", "peering", "gateway", "none"]


@dataclass(frozen=True)
class VirtualNetworks:
    """All virtual networks of a state, and the on-premises networks behind their gateways."""

    spaces: Mapping[str, Intervals]
    names: Mapping[str, str]
    subnets: Mapping[str, Subnet]
    peerings: Peerings
    gateways: frozenset[str]
    """Networks with a VPN or ExpressRoute gateway."""
    on_premises: Intervals
    public_addresses: Mapping[str, Intervals]
    """Addresses of public IP address resources, by key."""
    nat_addresses: Mapping[str, Intervals]
    resolvers: frozenset[str]
    """Networks with a DNS resolver that on-premises clients can query."""
    dns_servers: Mapping[str, tuple[str, ...]]
    """Addresses of the DNS servers of each network; empty where Azure resolves names."""
    pod_ranges: Mapping[str, Intervals]
    """Pod ranges that Azure routes, by the network of the nodes."""

    def subnet(self, resource_id: str) -> Subnet:
        """A subnet of the state.

        Raises ValueError for a subnet that is not in the state: its range and security group are
        unknown.
        """
        found = self.subnets.get(key(resource_id))
        if found is None:
            raise ValueError(
                f"subnet {resource_id} is not in the state: reachability can't be computed without"
                " its range and its security group"
            )
        return found

    def forwarded_by(self, name: str) -> str:
        """The hub of another team that may forward traffic from elsewhere; empty without one."""
        for one in self.peerings.of(name):
            if one.remote not in self.spaces and one.allow_forwarded:
                return self.names[one.remote]
        return ""

    def reaches_on_premises(self, name: str) -> bool:
        """Whether a network has a gateway, or uses the gateway of a peered network."""
        if name in self.gateways:
            return True
        for one in self.peerings.of(name):
            if one.remote not in self.spaces:
                if one.use_remote_gateways:
                    return True
                continue
            back = self.peerings.between(one.remote, name)
            if one.use_remote_gateways and back and back.allow_gateway_transit:
                return one.remote in self.gateways
        return False

    def connection(self, source: str, target: str) -> tuple[Connection, str]:
        """How two networks are connected, and why. `""` stands for on-premises."""
        if not source or not target:
            inside = source or target
            if self.reaches_on_premises(inside):
                return "gateway", "gateway to on-premises"
            return "none", f"{self.names[inside]} has no gateway to on-premises"
        if source == target:
            return "same network", ""
        if one := self.peerings.between(source, target):
            known = {source, target} <= set(self.spaces)
            pending = not known and one.state != "Connected"
            waits = (
                ", once the owner of the other network creates the other side" if pending else ""
            )
            return "peering", f"peering {one.name}{waits}"
        pair = f"{self.names[source]} and {self.names[target]}"
        return "none", f"no connected peering between {pair}"

    def holder_of(self, address: Intervals) -> str:
        """The network that contains an address: of the state or a hub; empty if none is known."""
        for name, space in self.spaces.items():
            if address <= space:
                return name
        return next(
            (one.remote for one in self.peerings.hubs() if address <= one.remote_addresses), ""
        )

    def subnet_at(self, address: Intervals) -> Subnet | None:
        """The subnet of the state that contains an address."""
        found = self.subnets.values()
        return next((one for one in found if one.addresses and address <= one.addresses), None)

    def virtual_network_tag(self, subnet: Subnet) -> Intervals:
        """The addresses of the tag `VirtualNetwork` in the security group of a subnet.

        Peerings without allowVirtualNetworkAccess are excluded; the setting has no other effect.
        """
        if subnet.id not in self._tags:
            self._tags[subnet.id] = self._tag(subnet)
        return self._tags[subnet.id]

    @cached_property
    def _tags(self) -> dict[str, Intervals]:
        """Cache: every pair of endpoints needs it."""
        return {}

    def _tag(self, subnet: Subnet) -> Intervals:
        peers = (one for one in self.peerings.of(subnet.network) if one.allow_access)
        return union(
            (
                self.spaces.get(subnet.network, EMPTY),
                self.pod_ranges.get(subnet.network, EMPTY),
                *(self.spaces.get(one.remote, one.remote_addresses) for one in peers),
                self.on_premises if self.reaches_on_premises(subnet.network) else EMPTY,
                *(network(route.prefix) for route in subnet.routes),
                addresses.AZURE_HOST,
            )
        )

    def evaluate_security_group(self, subnet: Subnet, direction: Direction, flow: Flow) -> Verdict:
        """Split a flow at the subnet's security group; without one, everything is allowed."""
        if subnet.network not in self.spaces:
            reason = f"if the rules of {subnet.name}, which are not in the state, allow it"
            return Verdict(allowed=(flow.with_reasons(reason),))
        if subnet.security_group is None:
            return Verdict(allowed=(flow.with_reasons(f"{subnet.name}: no security group"),))
        return subnet.security_group.evaluate(direction, flow, self.virtual_network_tag(subnet))


def from_state(
    state: State,
    groups: Mapping[str, SecurityGroup],
    pod_ranges: Mapping[str, Intervals],
    overlay_delegations: Collection[str],
) -> VirtualNetworks:
    """The networks of a state. `pod_ranges` are overlay ranges, by the network of the nodes.

    From subnets that are delegated to one of the services `overlay_delegations`, in lower case,
    Azure routes to these ranges.
    """
    found = state.of_type("network:VirtualNetwork")
    spaces = {item.key: networks(item.mapping("addressSpace")["addressPrefixes"]) for item in found}
    public = {
        item.key: network(str(item.properties["ipAddress"]))
        if item.properties.get("ipAddress")
        else addresses.INTERNET
        for item in state.of_type("network:PublicIPAddress")
    }
    gateways, sites = _gateways(state)
    peerings = read_peerings(state, spaces)
    hubs = [
        one for one in peerings.sides if one.remote not in spaces and one.state != "Disconnected"
    ]
    beyond_hubs = any(one.use_remote_gateways or one.allow_forwarded for one in hubs)
    taken = union((*spaces.values(), *pod_ranges.values(), *(one.remote_addresses for one in hubs)))
    return VirtualNetworks(
        spaces=spaces,
        names={one.remote: one.remote.rsplit("/", 1)[-1] for one in hubs}
        | {item.key: item.name for item in found},
        subnets={one.id: one for one in _subnets(state, groups, overlay_delegations)},
        peerings=peerings,
        gateways=gateways,
        # ExpressRoute learns its ranges by BGP, and a hub of another team forwards what it knows,
        # so any private address may be on-premises.
        on_premises=(EMPTY if beyond_hubs else sites) or addresses.PRIVATE - taken
        if gateways or beyond_hubs
        else EMPTY,
        public_addresses=public,
        nat_addresses={
            item.key: union(
                public.get(key(str(address["id"])), addresses.INTERNET)
                for address in item.items("publicIpAddresses")
            )
            for item in state.of_type("network:NatGateway")
        },
        # What resolves names in another team's hub is not known.
        resolvers=_resolvers(state) | {one.remote for one in hubs},
        dns_servers={
            item.key: tuple(map(str, nested.items(item.mapping("dhcpOptions"), "dnsServers")))
            for item in found
        },
        pod_ranges=pod_ranges,
    )


def unknown_subnet(name: str, network_key: str, space: Intervals) -> Subnet:
    """A network that is not in the state, as one subnet without known rules and routes."""
    return Subnet(
        id=f"{network_key}/subnets/*", name=name, network=network_key, addresses=space,
        security_group=None, routes=(), nat_gateway="", default_outbound=False,
        filters_private_endpoints=False, reaches_overlay=False,
    )  # fmt: skip


def _resolvers(state: State) -> frozenset[str]:
    """Networks with a DNS resolver that has an inbound endpoint."""
    endpoints = [item.key for item in state.of_type("dnsresolver:InboundEndpoint")]
    return frozenset(
        reference(item.properties, "virtualNetwork")
        for item in state.of_type("dnsresolver:DnsResolver")
        if any(one.startswith(f"{item.key}/inboundendpoints/") for one in endpoints)
    )


def _gateways(state: State) -> tuple[frozenset[str], Intervals]:
    networks_with_gateway = [
        reference(part, "subnet").partition("/subnets/")[0]
        for item in state.of_type("network:VirtualNetworkGateway")
        for part in item.items("ipConfigurations")
    ]
    sites = union(
        networks(item.mapping("localNetworkAddressSpace").get("addressPrefixes") or ())
        for item in state.of_type("network:LocalNetworkGateway")
    )
    return frozenset(networks_with_gateway), sites


def _subnets(
    state: State, groups: Mapping[str, SecurityGroup], overlay_delegations: Collection[str]
) -> Iterator[Subnet]:
    tables = {item.key: tuple(_routes(state, item)) for item in state.of_type("network:RouteTable")}
    own = {item.key: item.properties for item in state.of_type("network:Subnet")}
    inline = {
        key(str(part["id"])): part
        for item in state.of_type("network:VirtualNetwork")
        for part in item.items("subnets")
        if part.get("id")
    }
    for name, part in {**inline, **own}.items():
        policies = str(part.get("privateEndpointNetworkPolicies") or "Disabled")
        prefixes = [part.get("addressPrefix"), *(part.get("addressPrefixes") or ())]
        yield Subnet(
            id=name,
            name=str(part["name"]),
            network=name.partition("/subnets/")[0],
            addresses=networks(str(prefix) for prefix in prefixes if prefix),
            security_group=groups.get(reference(part, "networkSecurityGroup")),
            routes=tables.get(reference(part, "routeTable"), ()),
            nat_gateway=reference(part, "natGateway"),
            default_outbound=part.get("defaultOutboundAccess") is not False,
            filters_private_endpoints=policies in {"Enabled", "NetworkSecurityGroupEnabled"},
            reaches_overlay=any(
                str(one.get("serviceName", "")).lower() in overlay_delegations
                for one in part.get("delegations") or ()
            ),
        )


def _routes(state: State, table: Resource) -> Iterator[Route]:
    separate = [
        {"name": item.name, **item.properties}
        for item in state.of_type("network:Route")
        if item.key.startswith(f"{table.key}/routes/")
    ]
    rows: dict[str, Json] = {str(row["name"]): row for row in (*table.items("routes"), *separate)}
    for row in rows.values():
        yield Route(
            name=f"{table.name}: {row['name']}",
            prefix=str(row["addressPrefix"]),
            next_hop=str(row["nextHopType"]),
            address=str(row.get("nextHopIpAddress") or ""),
        )
