"""Who and what there is on the network: the rows and columns of the matrix, from the state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reachability import firewalls, gateway, ingress, policies, security_groups, services
from reachability import virtual_networks as vnets
from reachability.addresses import (
    GATEWAY_MANAGER,
    INTERNET,
    LOAD_BALANCER,
    network,
    networks,
    stretch_of,
)
from reachability.cluster import Cluster, linked_networks, namespace_labels
from reachability.endpoints import Arrival, Endpoint, IngressPath, Kind, Place, Relay
from reachability.intervals import EMPTY, Intervals
from reachability.policies import Pod
from reachability.state import Json, Resource, State, key, part_of, reference
from reachability.virtual_networks import Networks
from reachability.ways import Ways

HTTPS = services.tcp(443)
BETWEEN_BASTIONS = services.tcp(8080, 5701)
OTHER_PODS = "other pods"
_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod")


@dataclass
class Catalog:
    """Endpoints in the order in which they are shown, and what leads from one to another."""

    ways: Ways
    endpoints: list[Endpoint] = field(default_factory=list[Endpoint])
    relays: list[Relay] = field(default_factory=list[Relay])
    paths: tuple[IngressPath, ...] = ()


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
    catalog = Catalog(ways, paths=tuple(ingress.paths(state)))
    found = catalog.endpoints
    found.extend(_outside(nets))
    found.extend(_bastions(state, nets))
    found.extend(_machines(state, nets, groups))
    _gateways(catalog, state, cluster, nets)
    found.extend(cluster.nodes(nets))
    found.append(cluster.api_server(state, nets))
    found.extend(_vaults(state, nets))
    _controllers(catalog, state, cluster, nets)
    found.extend(_pods(state, cluster, nets))
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
        for part in item.list("ipConfigurations"):
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
        named = str(item.object("osProfile").get("computerName") or item.name)
        places, ways = list[Place](), list[Arrival]()
        for row in item.object("networkProfile").get("networkInterfaces") or ():
            card = cards[key(str(row["id"]))]
            own = groups.get(reference(card.properties, "networkSecurityGroup"))
            for part in card.list("ipConfigurations"):
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
    add_on = cluster.resource.object("addonProfiles", "ingressApplicationGateway")
    as_controller = bool(add_on.get("enabled"))
    for one in gateway.from_state(state, nets, as_controller=as_controller):
        catalog.endpoints.append(one.endpoint)
        catalog.relays.append(
            Relay(
                one.endpoint.name,
                one.inspects,
                one.listeners,
                frozenset({ingress.GATEWAY_CLASS}) if as_controller else frozenset(),
                services.tcp(80, 443) if as_controller else EMPTY,
            )
        )


def _vaults(state: State, nets: Networks) -> Iterator[Endpoint]:
    vaults = state.of_type("keyvault:Vault")
    for item in vaults:
        of = item.object("properties")
        ways = list(_private_ways(state, item, nets))
        if str(of.get("publicNetworkAccess") or "enabled").lower() == "enabled":
            rules = part_of(of, "networkAcls")
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
            row.get("privateLinkServiceId") for row in item.list("privateLinkServiceConnections")
        ]
        if target.key not in {key(str(one)) for one in targets}:
            continue
        subnet = nets.subnet(reference(item.properties, "subnet"))
        zones = [
            str(row["privateDnsZoneId"])
            for group in state.of_type("network:PrivateDnsZoneGroup")
            if group.key.startswith(f"{item.key}/privatednszonegroups/")
            for row in group.list("privateDnsZoneConfigs")
        ]
        yield Arrival(
            subnet.addresses, label="private endpoint", network=subnet.network,
            guard=subnet if subnet.guards_private_endpoints else None, listens=HTTPS,
            resolves_in=frozenset(net for zone in zones for net in linked_networks(state, zone)),
            zone=", ".join(zone.rsplit("/", 1)[-1] for zone in zones) or "a private zone",
        )  # fmt: skip


def _controllers(catalog: Catalog, state: State, cluster: Cluster, nets: Networks) -> None:
    add_on = cluster.resource.object("ingressProfile", "webAppRouting")
    found = list(ingress.controllers(state, add_on))
    for one in found:
        pod = Pod(one.namespace, one.labels, namespace_labels(state, one.namespace), {})
        name = "ingress controller" if len(found) == 1 else f"ingress controller {one.name}"
        pods = cluster.pods(name, Kind.CONTROLLER, pod, nets)
        ways = cluster.balancer(
            one.address, one.listens, nets, public=one.public, accepted=one.accepted
        )
        catalog.endpoints.append(
            Endpoint(name, Kind.CONTROLLER, pods.places, (*pods.arrivals, *ways), pod=pod)
        )
        catalog.relays.append(Relay(name, "", classes=one.classes, entries=one.listens))


def _pods(state: State, cluster: Cluster, nets: Networks) -> Iterator[Endpoint]:
    """The cluster's DNS, each application's pods, and pods that nobody declared."""
    dns = Pod("kube-system", {"k8s-app": "kube-dns"}, namespace_labels(state, "kube-system"), {})
    yield cluster.pods("cluster DNS", Kind.DNS, dns, nets)
    for namespace in _namespaces(state):
        labels = namespace_labels(state, namespace)
        groups = _groups(state, namespace)
        for name, of in groups.items():
            named = _named_ports(state, namespace, of)
            pod = Pod(namespace, of, labels, named)
            yield cluster.pods(f"{namespace}/{name}", Kind.PODS, pod, nets)
        anyone = Pod(namespace, {}, labels, {})
        yield cluster.pods(f"{namespace}/(other pods)", Kind.PODS, anyone, nets)
    elsewhere = Pod("", {}, {}, {})
    yield cluster.pods(OTHER_PODS, Kind.PODS, elsewhere, nets)


def _namespaces(state: State) -> list[str]:
    """Where applications are: the namespaces of Services, workloads and policies."""
    found = {
        str(item.object("metadata")["namespace"])
        for kind in ("Service", "Ingress", "NetworkPolicy", *_WORKLOADS)
        for item in state.kubernetes(kind)
        if item.object("metadata").get("namespace")
    }
    return sorted(found - {"kube-system", ingress.APP_ROUTING_NAMESPACE})


def _groups(state: State, namespace: str) -> dict[str, Mapping[str, str]]:
    """Kinds of pods in a namespace, by name: workloads' labels, else what selects pods there."""
    found: dict[str, Mapping[str, str]] = {}
    for labels, _ in _templates(state, namespace):
        found[_title(labels)] = labels
    selectors: list[Json] = [
        item.object("spec").get("selector") or {} for item in _in(state, "Service", namespace)
    ]
    for item in _in(state, "NetworkPolicy", namespace):
        selector = item.object("spec", "podSelector")
        selectors.append(selector.get("matchLabels") or {})
    for selector in selectors:
        matched = any(
            all(labels.get(name) == value for name, value in selector.items())
            for labels in found.values()
        )
        if selector and not matched:
            found[_title(selector)] = selector
    return dict(sorted(found.items()))


def _in(state: State, kind: str, namespace: str) -> Sequence[Resource]:
    return [
        item
        for item in state.kubernetes(kind)
        if item.object("metadata").get("namespace") == namespace
    ]


def _templates(state: State, namespace: str) -> Iterator[tuple[Mapping[str, str], Json]]:
    """Labels and spec of the pods that workloads make."""
    for kind in _WORKLOADS:
        for item in _in(state, kind, namespace):
            body: Any = item.properties
            if kind == "CronJob":
                body = body["spec"]["jobTemplate"]
            if kind != "Pod":
                body = body["spec"]["template"]
            yield part_of(body, "metadata").get("labels") or {}, body.get("spec") or {}


def _named_ports(
    state: State, namespace: str, labels: Mapping[str, str]
) -> Mapping[str, Intervals]:
    found: dict[str, Intervals] = {}
    for of, spec in _templates(state, namespace):
        if of != labels:
            continue
        for container in spec.get("containers") or ():
            for row in container.get("ports") or ():
                if row.get("name"):
                    protocol = str(row.get("protocol") or "TCP").lower()
                    found[row["name"]] = services.ports(protocol, int(row["containerPort"]))
    return found


def _title(labels: Mapping[str, str]) -> str:
    for name in ("app", "app.kubernetes.io/name", "k8s-app"):
        if name in labels:
            return labels[name]
    return ",".join(f"{name}={value}" for name, value in sorted(labels.items())) or "(no labels)"
