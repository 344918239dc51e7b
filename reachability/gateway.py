"""Application Gateway: listener, rule, pool; and the web application firewall that it applies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reachability import services
from reachability.addresses import network
from reachability.endpoints import Arrival, Endpoint, Kind, Listener, Place
from reachability.intervals import EMPTY, Intervals, union
from reachability.state import Json, Resource, State, reference
from reachability.virtual_networks import Networks, Subnet

MANAGEMENT = services.ports("tcp", 65200, 65535)
"""Where Azure manages the instances of a v2 gateway."""


@dataclass(frozen=True)
class Gateway:
    """A gateway as resource and as endpoint."""

    resource: Resource
    endpoint: Endpoint
    inspects: str
    listeners: tuple[Listener, ...]


def from_state(state: State, networks: Networks, *, as_controller: bool) -> Iterator[Gateway]:
    """All gateways. `as_controller`: Ingress objects configure it, so it listens to web ports."""
    found = state.of_type("network:ApplicationGateway")
    for item in found:
        listeners = tuple(_listeners(item))
        listens = union(port for port, _ in _frontends(item).values())
        if as_controller:
            listens |= services.tcp(80, 443)
        subnets = [
            networks.subnet(reference(part, "subnet"))
            for part in item.list("gatewayIPConfigurations")
        ]
        name = "Application Gateway" if len(found) == 1 else f"Application Gateway {item.name}"
        endpoint = _endpoint(name, item, networks, subnets[0], listens)
        yield Gateway(item, endpoint, _inspects(state, item), listeners)


def _endpoint(
    name: str, item: Resource, networks: Networks, subnet: Subnet, listens: Intervals
) -> Endpoint:
    """Its ways in: public and private frontends, and its instances for Azure's management."""
    public, ways = EMPTY, list[Arrival]()
    for frontend in item.list("frontendIPConfigurations"):
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


def _frontends(item: Resource) -> Mapping[str, tuple[Intervals, str]]:
    """Services and host of each listener, by the listener's name."""
    ports = {str(row["name"]): int(row["port"]) for row in item.list("frontendPorts")}
    found: dict[str, tuple[Intervals, str]] = {}
    for row in item.list("httpListeners"):
        port = ports[_named(row, "frontendPort")]
        found[str(row["name"])] = services.tcp(port), str(row.get("hostName") or "")
    return found


def _listeners(item: Resource) -> Iterator[Listener]:
    """Follow each rule that leads to a pool; one that redirects leads nowhere by itself."""
    frontends = _frontends(item)
    pools = {
        str(row["name"]): union(
            network(str(address["ipAddress"]))
            for address in row.get("backendAddresses") or ()
            if address.get("ipAddress")
        )
        for row in item.list("backendAddressPools")
    }
    settings = {str(row["name"]): row for row in item.list("backendHttpSettingsCollection")}
    maps = {str(row["name"]): row for row in item.list("urlPathMaps")}
    for rule in item.list("requestRoutingRules"):
        listens, host = frontends[_named(rule, "httpListener")]
        for pool, setting in _targets(rule, maps):
            if pool and setting:
                port = services.tcp(int(settings[setting]["port"]))
                yield Listener(listens, host, pools[pool], port)


def _targets(rule: Json, maps: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    """Pools and settings that a rule leads to, over its path map if it has one."""
    yield _named(rule, "backendAddressPool"), _named(rule, "backendHttpSettings")
    path_map = maps.get(_named(rule, "urlPathMap"))
    if path_map:
        yield (
            _named(path_map, "defaultBackendAddressPool"),
            _named(path_map, "defaultBackendHttpSettings"),
        )
        for path in path_map.get("pathRules") or ():
            yield _named(path, "backendAddressPool"), _named(path, "backendHttpSettings")


def _named(row: Json, name: str) -> str:
    """The name at the end of a sub-object's id."""
    target = row.get(name)
    return str(target["id"]).rsplit("/", 1)[-1] if target else ""


def _inspects(state: State, item: Resource) -> str:
    """The firewall policy in prevention mode; empty where requests are not stopped."""
    policy = state.get(reference(item.properties, "firewallPolicy"))
    if policy is None:
        return ""
    settings = policy.object("policySettings")
    on = settings.get("state") != "Disabled" and settings.get("mode") == "Prevention"
    return policy.name if on else ""
