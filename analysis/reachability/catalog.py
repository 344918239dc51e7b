"""Who and what there is on the network: the rows and columns of the matrix, from the state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from analysis.reachability import (
    application_gateways,
    firewalls,
    gateway_api,
    ingress,
    pods,
    policies,
    security_groups,
    services,
    traffic_controllers,
)
from analysis.reachability import virtual_networks as vnets
from analysis.reachability.addresses import (
    GATEWAY_MANAGER,
    INTERNET,
    LOAD_BALANCER,
    network,
    networks,
    stretch_of,
)
from analysis.reachability.cluster import Cluster, linked_networks, namespace_labels
from analysis.reachability.endpoints import Arrival, Endpoint, Kind, Place, Relay, RoutedPath
from analysis.reachability.gateway_api import Gateway
from analysis.reachability.intervals import EMPTY
from analysis.reachability.paths import Ways
from analysis.reachability.policies import Pod
from analysis.reachability.virtual_networks import Networks
from analysis.stack_state import Resource, State, key, reference
from support import nested

HTTPS = services.tcp(443)
BETWEEN_BASTIONS = services.tcp(8080, 5701)


@dataclass
class Catalog:
    """Endpoints in the order in which they are shown, and what leads from one to another."""

    ways: Ways
    endpoints: list[Endpoint] = field(default_factory=list[Endpoint])
    relays: list[Relay] = field(default_factory=list[Relay])
    paths: list[RoutedPath] = field(default_factory=list[RoutedPath])
    left_out: list[str] = field(default_factory=list[str])
    """What may lead in and is not followed, each as a sentence."""
    idle: list[str] = field(default_factory=list[str])
    """Routes and listeners that lead nowhere, each as a sentence."""


def read(state: State) -> Catalog:
    """Read a state. Raises ValueError for what can't be analysed, saying what."""
    cluster = Cluster.of(state)
    groups = security_groups.from_state(state)
    nets = vnets.from_state(state, groups, cluster.pod_ranges)
    walls = firewalls.from_state(
        state,
        {name: subnet.addresses for name, subnet in nets.subnets.items()},
        nets.public_addresses,
    )
    ways = Ways(nets, policies.from_state(state, cluster.engine), walls)
    catalog = Catalog(ways, paths=list(ingress.paths(state)))
    shared = list(gateway_api.gateways(state))
    found = catalog.endpoints
    found.extend(_outside(nets))
    found.extend(_bastions(state, nets))
    found.extend(_machines(state, nets, groups))
    _gateways(catalog, state, cluster, nets)
    _traffic_controllers(catalog, state, nets, shared)
    found.extend(cluster.nodes(nets))
    found.append(cluster.api_server(state, nets))
    found.extend(_vaults(state, nets))
    _controllers(catalog, state, cluster, nets, shared)
    found.extend(pods.from_state(state, cluster, nets))
    served = frozenset(name for relay in catalog.relays for name in relay.serves)
    catalog.idle.extend((*ingress.idle(state, served), *gateway_api.idle(state, shared)))
    return catalog


def _outside(nets: Networks) -> Iterator[Endpoint]:
    everywhere = Arrival(INTERNET, public=True)
    yield Endpoint("Internet", Kind.INTERNET, (), (everywhere,), INTERNET)
    yield Endpoint("Azure's gateway management", Kind.AZURE, addresses=GATEWAY_MANAGER)
    yield Endpoint("load balancer probes", Kind.PROBES, addresses=LOAD_BALANCER)
    if nets.on_premises:
        there = Arrival(nets.on_premises)
        yield Endpoint("on-premises", Kind.ON_PREMISES, (), (there,), nets.on_premises)


def _bastions(state: State, nets: Networks) -> Iterator[Endpoint]:
    for item in state.of_type("network:BastionHost"):
        for part in item.items("ipConfigurations"):
            subnet = nets.subnet(reference(part, "subnet"))
            public = nets.public_addresses.get(reference(part, "publicIPAddress"), EMPTY)
            inner = Arrival(
                subnet.addresses, label="its instances", network=subnet.network, guard=subnet,
                listens=BETWEEN_BASTIONS,
            )  # fmt: skip
            outer = Arrival(
                public, label="public address", public=True, inside=subnet.addresses,
                guard=subnet, listens=HTTPS,
            )  # fmt: skip
            place = Place(subnet, subnet.addresses, public=public)
            yield Endpoint(
                "Bastion", Kind.BASTION, (place,), (outer, inner) if public else (inner,)
            )


def _machines(
    state: State, nets: Networks, groups: Mapping[str, security_groups.SecurityGroup]
) -> Iterator[Endpoint]:
    cards = {item.key: item for item in state.of_type("network:NetworkInterface")}
    for item in state.of_type("compute:VirtualMachine"):
        named = str(item.mapping("osProfile").get("computerName") or item.name)
        places, ways = list[Place](), list[Arrival]()
        for row in item.mapping("networkProfile").get("networkInterfaces") or ():
            card = cards[key(str(row["id"]))]
            own = groups.get(reference(card.properties, "networkSecurityGroup"))
            for part in card.items("ipConfigurations"):
                subnet = nets.subnet(reference(part, "subnet"))
                private = part.get("privateIPAddress")
                address = network(str(private)) if private else subnet.addresses
                public = nets.public_addresses.get(reference(part, "publicIPAddress"), EMPTY)
                at_card = (own,) if own else ()
                places.append(Place(subnet, address, at_card, public=public))
                ways.append(Arrival(address, network=subnet.network, guard=subnet, groups=at_card))
                if public:
                    ways.append(
                        Arrival(
                            public, label="public address", public=True, inside=address,
                            guard=subnet, groups=at_card, secure_by_default=True,
                        )
                    )  # fmt: skip
        yield Endpoint(named.replace("-", " "), Kind.MACHINE, tuple(places), tuple(ways))


def _gateways(catalog: Catalog, state: State, cluster: Cluster, nets: Networks) -> None:
    add_on = cluster.resource.mapping("addonProfiles", "ingressApplicationGateway")
    as_controller = bool(add_on.get("enabled"))
    for endpoint, relay in application_gateways.from_state(
        state, nets, as_controller=as_controller
    ):
        catalog.endpoints.append(endpoint)
        catalog.relays.append(relay)


def _traffic_controllers(
    catalog: Catalog, state: State, nets: Networks, gateways: Sequence[Gateway]
) -> None:
    for one in traffic_controllers.from_state(state, nets, gateways):
        catalog.endpoints.append(one.endpoint)
        catalog.relays.append(one.relay)
        catalog.paths.extend(one.paths)
    catalog.left_out.extend(traffic_controllers.left_out(state, gateways))


def _vaults(state: State, nets: Networks) -> Iterator[Endpoint]:
    vaults = state.of_type("keyvault:Vault")
    for item in vaults:
        of = item.mapping("properties")
        ways = list(_private_ways(state, item, nets))
        if str(of.get("publicNetworkAccess") or "enabled").lower() == "enabled":
            rules = nested.mapping(of, "networkAcls")
            accepted = (
                networks(str(row["value"]) for row in rules.get("ipRules") or ())
                if rules.get("defaultAction") == "Deny"
                else None
            )
            ways.append(
                Arrival(
                    stretch_of("AzureKeyVault"), label="public address", public=True,
                    listens=HTTPS, accepted=accepted, accepted_by="addresses that the vault allows",
                )
            )  # fmt: skip
        name = "key vault" if len(vaults) == 1 else f"key vault {item.name}"
        yield Endpoint(name, Kind.VAULT, (), tuple(ways), sends=False)


def _private_ways(state: State, target: Resource, nets: Networks) -> Iterator[Arrival]:
    """The private endpoints of a resource."""
    for item in state.of_type("network:PrivateEndpoint"):
        targets = [
            row.get("privateLinkServiceId") for row in item.items("privateLinkServiceConnections")
        ]
        if target.key not in {key(str(one)) for one in targets}:
            continue
        subnet = nets.subnet(reference(item.properties, "subnet"))
        zones = [
            str(row["privateDnsZoneId"])
            for group in state.of_type("network:PrivateDnsZoneGroup")
            if group.key.startswith(f"{item.key}/privatednszonegroups/")
            for row in group.items("privateDnsZoneConfigs")
        ]
        yield Arrival(
            subnet.addresses, label="private endpoint", network=subnet.network,
            guard=subnet if subnet.guards_private_endpoints else None, listens=HTTPS,
            resolves_in=frozenset(net for zone in zones for net in linked_networks(state, zone)),
            zone=", ".join(zone.rsplit("/", 1)[-1] for zone in zones) or "a private zone",
        )  # fmt: skip


def _controllers(
    catalog: Catalog,
    state: State,
    cluster: Cluster,
    nets: Networks,
    gateways: Sequence[Gateway],
) -> None:
    """The proxies in the cluster, each with what it serves on which entries."""
    add_on = cluster.resource.mapping("ingressProfile", "webAppRouting")
    found = [(one, one.listens) for one in ingress.controllers(state, add_on)]
    for one, controller in gateway_api.controllers(gateways):
        found.append((controller, one.entries))
        catalog.paths.extend(each.path for each in gateway_api.attachments(state, one))
    for one, entries in found:
        pod = Pod(one.namespace, one.labels, namespace_labels(state, one.namespace), {})
        name = "ingress controller" if len(found) == 1 else f"ingress controller {one.name}"
        proxies = cluster.pods(name, Kind.CONTROLLER, pod, nets)
        ways = cluster.balancer(
            one.address, one.listens, nets, public=one.public, accepted=one.accepted
        )
        catalog.endpoints.append(
            Endpoint(name, Kind.CONTROLLER, proxies.places, (*proxies.arrivals, *ways), pod=pod)
        )
        catalog.relays.append(Relay(name, serves=one.classes, entries=entries))
    known = gateway_api.IN_CLUSTER | {traffic_controllers.CLASS}
    catalog.left_out.extend(gateway_api.left_out(state, gateways, known))
