"""Application Gateway: listener, rule, pool; and the web application firewall that it applies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import NamedTuple

from analysis.reachability import services
from analysis.reachability.addresses import network
from analysis.reachability.endpoints import Arrival, Endpoint, Kind, Listener, Place, Relay
from analysis.reachability.ingress import GATEWAY_CLASS, WEB
from analysis.reachability.intervals import EMPTY, Intervals, union
from analysis.reachability.virtual_networks import Networks, Subnet
from analysis.reachability.web_firewalls import preventing
from analysis.stack_state import Json, Resource, State, reference
from support import nested

MANAGEMENT = services.ports("tcp", 65200, 65535)
"""Where Azure manages the instances of a v2 gateway."""


def from_state(
    state: State, networks: Networks, *, as_controller: bool
) -> Iterator[tuple[Endpoint, Relay]]:
    """All gateways. `as_controller`: Ingress objects configure it, so it listens to web ports."""
    found = state.of_type("network:ApplicationGateway")
    for item in found:
        listens = union(one.services for one in _frontends(item).values())
        if as_controller:
            listens |= WEB
        subnets = [
            networks.subnet(reference(part, "subnet"))
            for part in item.items("gatewayIPConfigurations")
        ]
        name = "Application Gateway" if len(found) == 1 else f"Application Gateway {item.name}"
        endpoint = _endpoint(name, item, networks, subnets[0], listens)
        yield (
            endpoint,
            Relay(
                name,
                tuple(_listeners(state, item)),
                frozenset({GATEWAY_CLASS}) if as_controller else frozenset(),
                WEB if as_controller else EMPTY,
                preventing(state, reference(item.properties, "firewallPolicy")),
            ),
        )


def _endpoint(
    name: str, item: Resource, networks: Networks, subnet: Subnet, listens: Intervals
) -> Endpoint:
    """Its ways in: public and private frontends, and its instances for Azure's management."""
    public, ways = EMPTY, list[Arrival]()
    for frontend in item.items("frontendIPConfigurations"):
        if address := reference(frontend, "publicIPAddress"):
            public |= networks.public_addresses.get(address, EMPTY)
        elif private := frontend.get("privateIPAddress"):
            ways.append(
                Arrival(
                    network(str(private)), label="private frontend", network=subnet.network,
                    guard=subnet, listens=listens,
                )
            )  # fmt: skip
    if public:
        ways.insert(
            0,
            Arrival(
                public, label="public frontend", public=True, inside=subnet.addresses,
                guard=subnet, listens=listens | MANAGEMENT,
            ),
        )  # fmt: skip
    return Endpoint(name, Kind.GATEWAY, (Place(subnet, subnet.addresses, public=public),), (*ways,))


class _Frontend(NamedTuple):
    """What a listener takes, and the key of its own firewall policy, if it has one."""

    services: Intervals
    hosts: tuple[str, ...]
    policy: str


def _frontends(item: Resource) -> Mapping[str, _Frontend]:
    """Listeners by their names."""
    ports = {str(row["name"]): int(row["port"]) for row in item.items("frontendPorts")}
    return {
        str(row["name"]): _Frontend(
            services.tcp(ports[_named(row, "frontendPort")]),
            tuple(row.get("hostNames") or (row.get("hostName") or "",)),
            reference(row, "firewallPolicy"),
        )
        for row in item.items("httpListeners")
    }


def _listeners(state: State, item: Resource) -> Iterator[Listener]:
    """Follow each rule that leads to a pool; one that redirects leads nowhere by itself."""
    frontends = _frontends(item)
    pools = {
        str(row["name"]): union(
            network(str(address["ipAddress"]))
            for address in row.get("backendAddresses") or ()
            if address.get("ipAddress")
        )
        for row in item.items("backendAddressPools")
    }
    settings = {str(row["name"]): row for row in item.items("backendHttpSettingsCollection")}
    maps = {str(row["name"]): row for row in item.items("urlPathMaps")}
    whole = reference(item.properties, "firewallPolicy")
    for rule in item.items("requestRoutingRules"):
        frontend = frontends[_named(rule, "httpListener")]
        for host, target in product(frontend.hosts, _targets(rule, maps)):
            if target.pool and target.setting:
                yield Listener(
                    frontend.services,
                    host,
                    pools[target.pool],
                    services.tcp(int(settings[target.setting]["port"])),
                    # The nearest policy takes the others' place.
                    preventing(state, target.policy or frontend.policy or whole),
                )


class _Target(NamedTuple):
    """Where a rule or one of its paths leads: names of pool and settings, key of a policy."""

    pool: str
    setting: str
    policy: str


def _targets(rule: Json, maps: Mapping[str, Json]) -> Iterator[_Target]:
    """Where a rule leads, over its path map if it has one."""
    yield _target(rule, "backend")
    path_map = maps.get(_named(rule, "urlPathMap"))
    if path_map:
        yield _target(path_map, "defaultBackend")
        for path in nested.items(path_map, "pathRules"):
            yield _target(path, "backend")


def _target(row: Json, prefix: str) -> _Target:
    return _Target(
        _named(row, f"{prefix}AddressPool"),
        _named(row, f"{prefix}HttpSettings"),
        reference(row, "firewallPolicy"),
    )


def _named(row: Json, name: str) -> str:
    """The name at the end of a sub-object's id."""
    target = row.get(name)
    return str(target["id"]).rsplit("/", 1)[-1] if target else ""
