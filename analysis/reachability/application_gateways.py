"""Application Gateway: listeners, rules, backend pools, and its web application firewall."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import NamedTuple

from analysis.reachability import services
from analysis.reachability.addresses import network
from analysis.reachability.endpoints import (
    Destination,
    Endpoint,
    Kind,
    Origin,
    Proxy,
    ProxyListener,
)
from analysis.reachability.ingress import GATEWAY_CLASS, WEB
from analysis.reachability.intervals import EMPTY, Intervals, union
from analysis.reachability.virtual_networks import Subnet, VirtualNetworks
from analysis.reachability.web_firewalls import prevention_policy
from analysis.stack_state import Json, Resource, State, reference
from support import nested

MANAGEMENT = services.ports("tcp", 65200, 65535)
"""Ports that Azure uses to manage the instances of a v2 gateway."""


def from_state(
    state: State, networks: VirtualNetworks, *, as_controller: bool
) -> Iterator[tuple[Endpoint, Proxy]]:
    """All gateways.

    With `as_controller`, AGIC configures the listeners from Ingress objects, so the gateway listens
    on ports 80 and 443.
    """
    found = state.of_type("network:ApplicationGateway")
    for item in found:
        listens = union(one.services for one in _listener_settings(item).values())
        if as_controller:
            listens |= WEB
        subnets = [
            networks.subnet(reference(part, "subnet"))
            for part in item.items("gatewayIPConfigurations")
        ]
        name = "Application Gateway" if len(found) == 1 else f"Application Gateway {item.name}"
        yield (
            _endpoint(name, item, networks, subnets[0], listens),
            Proxy(
                name,
                tuple(_listeners(state, item)),
                frozenset({GATEWAY_CLASS}) if as_controller else frozenset(),
                WEB if as_controller else EMPTY,
                prevention_policy(state, reference(item.properties, "firewallPolicy")),
            ),
        )


def _endpoint(
    name: str, item: Resource, networks: VirtualNetworks, subnet: Subnet, listens: Intervals
) -> Endpoint:
    """The gateway with its public and private frontends."""
    public, destinations = EMPTY, list[Destination]()
    for frontend in item.items("frontendIPConfigurations"):
        if address := reference(frontend, "publicIPAddress"):
            public |= networks.public_addresses.get(address, EMPTY)
        elif private := frontend.get("privateIPAddress"):
            destinations.append(
                Destination(
                    network(str(private)), label="private frontend", network=subnet.network,
                    filtered_by=subnet, services=listens,
                )
            )  # fmt: skip
    if public:
        destinations.insert(
            0,
            Destination(
                public, label="public frontend", public=True, translated_to=subnet.addresses,
                filtered_by=subnet, services=listens | MANAGEMENT,
            ),
        )  # fmt: skip
    origin = Origin(subnet, subnet.addresses, public_addresses=public)
    return Endpoint(name, Kind.GATEWAY, (origin,), tuple(destinations))


class _ListenerSettings(NamedTuple):
    """Services and hosts of a listener, and the key of its own firewall policy, if it has one."""

    services: Intervals
    hosts: tuple[str, ...]
    policy: str


def _listener_settings(item: Resource) -> Mapping[str, _ListenerSettings]:
    """The listeners by name."""
    ports = {str(row["name"]): int(row["port"]) for row in item.items("frontendPorts")}
    return {
        str(row["name"]): _ListenerSettings(
            services.tcp(ports[_named(row, "frontendPort")]),
            tuple(row.get("hostNames") or (row.get("hostName") or "",)),
            reference(row, "firewallPolicy"),
        )
        for row in item.items("httpListeners")
    }


def _listeners(state: State, item: Resource) -> Iterator[ProxyListener]:
    """The listeners of all rules with a backend pool. A redirect has no backend."""
    listeners = _listener_settings(item)
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
    gateway_policy = reference(item.properties, "firewallPolicy")
    for rule in item.items("requestRoutingRules"):
        listener = listeners[_named(rule, "httpListener")]
        for host, target in product(listener.hosts, _targets(rule, maps)):
            if target.pool and target.setting:
                yield ProxyListener(
                    listener.services,
                    host,
                    pools[target.pool],
                    services.tcp(int(settings[target.setting]["port"])),
                    # The most specific policy replaces the others.
                    prevention_policy(state, target.policy or listener.policy or gateway_policy),
                )


class _Target(NamedTuple):
    """The target of a rule or path: names of pool and settings, key of a firewall policy."""

    pool: str
    setting: str
    policy: str


def _targets(rule: Json, maps: Mapping[str, Json]) -> Iterator[_Target]:
    """The targets of a rule, including those of its path map."""
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
    """The name of a child object that is referenced by id."""
    target = row.get(name)
    return str(target["id"]).rsplit("/", 1)[-1] if target else ""
