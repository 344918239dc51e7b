"""Reads a state into endpoints (rows and columns of the matrix), proxies and routes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from analysis.load_balancers import GATEWAY_CLASSES, load_balancers, unknown_releases
from analysis.reachability import (
    application_gateways,
    controllers,
    firewalls,
    gateway_api,
    ingress,
    pods,
    policies,
    security_groups,
    services,
    traffic_controllers,
    virtual_networks,
)
from analysis.reachability.addresses import (
    GATEWAY_MANAGER,
    INTERNET,
    LOAD_BALANCER_PROBES,
    network,
    networks,
    service_tag,
)
from analysis.reachability.cluster import Cluster, linked_networks, namespace_labels
from analysis.reachability.endpoints import Destination, Endpoint, Kind, Origin, Proxy, RoutedPath
from analysis.reachability.gateway_api import Gateway
from analysis.reachability.intervals import EMPTY
from analysis.reachability.paths import PathEvaluator
from analysis.reachability.policies import Pod
from analysis.reachability.security_groups import SecurityGroup
from analysis.reachability.virtual_networks import VirtualNetworks
from analysis.stack_state import Resource, State, key, reference
from support import nested

HTTPS = services.tcp(443)
BETWEEN_BASTIONS = services.tcp(8080, 5701)


@dataclass
class Catalog:
    """Endpoints in the order of the matrix, and everything that connects them."""

    evaluator: PathEvaluator
    endpoints: list[Endpoint] = field(default_factory=list[Endpoint])
    proxies: list[Proxy] = field(default_factory=list[Proxy])
    routes: list[RoutedPath] = field(default_factory=list[RoutedPath])
    skipped: list[str] = field(default_factory=list[str])
    """Sentences about objects that may open an ingress path but are not analysed."""
    inactive: list[str] = field(default_factory=list[str])
    """Sentences about routes and listeners that serve no traffic."""


def read(state: State) -> Catalog:
    """Read a state. Raises ValueError for something that is not supported."""
    cluster = Cluster.of(state)
    groups = security_groups.from_state(state)
    nets = virtual_networks.from_state(
        state, groups, cluster.pod_ranges, cluster.overlay_delegations
    )
    appliances = firewalls.from_state(
        state,
        {name: subnet.addresses for name, subnet in nets.subnets.items()},
        nets.public_addresses,
    )
    network_policies = policies.from_state(state, cluster.policy_engine)
    catalog = Catalog(
        PathEvaluator(nets, network_policies, appliances), routes=list(ingress.routes(state))
    )
    gateways = list(gateway_api.gateways(state))
    found = catalog.endpoints
    found.extend(_outside(nets))
    found.extend(_hubs(nets))
    found.extend(_bastions(state, nets))
    found.extend(_machines(state, nets, groups))
    _application_gateways(catalog, state, cluster, nets)
    _traffic_controllers(catalog, state, nets, gateways)
    found.extend(cluster.nodes(nets))
    found.append(cluster.api_server(state, nets))
    found.extend(_vaults(state, nets))
    found.extend(_registries(state, nets))
    _ingress_controllers(catalog, state, cluster, nets, gateways)
    found.extend(pods.from_state(state, cluster, nets))
    served = frozenset(name for proxy in catalog.proxies for name in proxy.serves)
    catalog.inactive.extend(ingress.inactive(state, served))
    catalog.inactive.extend(gateway_api.inactive(state, gateways))
    return catalog


def _outside(nets: VirtualNetworks) -> Iterator[Endpoint]:
    internet = Destination(INTERNET, public=True)
    yield Endpoint("Internet", Kind.INTERNET, (), (internet,), INTERNET)
    yield Endpoint("Azure's gateway management", Kind.AZURE, addresses=GATEWAY_MANAGER)
    yield Endpoint("load balancer probes", Kind.PROBES, addresses=LOAD_BALANCER_PROBES)
    if nets.on_premises:
        site = Destination(nets.on_premises)
        yield Endpoint("on-premises", Kind.ON_PREMISES, (), (site,), nets.on_premises)


def _hubs(nets: VirtualNetworks) -> Iterator[Endpoint]:
    """The hubs of other teams that peer with a network of the state. Their rules are not known."""
    by_network = {one.remote: one for one in nets.peerings.hubs()}
    names = Counter(nets.names[one] for one in by_network)
    for network_key, peering in by_network.items():
        title = f"hub {nets.names[network_key]}"
        if names[nets.names[network_key]] > 1:
            title += f" of {network_key.partition('/resourcegroups/')[2].partition('/')[0]}"
        subnet = virtual_networks.unknown_subnet(
            nets.names[network_key], network_key, peering.remote_addresses
        )
        destination = Destination(subnet.addresses, network=network_key, filtered_by=subnet)
        origin = Origin(subnet, subnet.addresses)
        yield Endpoint(title, Kind.HUB, (origin,), (destination,))


def _bastions(state: State, nets: VirtualNetworks) -> Iterator[Endpoint]:
    for item in state.of_type("network:BastionHost"):
        for part in item.items("ipConfigurations"):
            subnet = nets.subnet(reference(part, "subnet"))
            public = nets.public_addresses.get(reference(part, "publicIPAddress"), EMPTY)
            inner = Destination(
                subnet.addresses, label="its instances", network=subnet.network, filtered_by=subnet,
                services=BETWEEN_BASTIONS,
            )  # fmt: skip
            outer = Destination(
                public, label="public address", public=True, translated_to=subnet.addresses,
                filtered_by=subnet, services=HTTPS,
            )  # fmt: skip
            origin = Origin(subnet, subnet.addresses, public_addresses=public)
            destinations = (outer, inner) if public else (inner,)
            yield Endpoint("Bastion", Kind.BASTION, (origin,), destinations)


def _machines(
    state: State, nets: VirtualNetworks, groups: Mapping[str, SecurityGroup]
) -> Iterator[Endpoint]:
    for item in state.of_type("compute:VirtualMachine"):
        name = str(item.mapping("osProfile").get("computerName") or item.name)
        origins, destinations = list[Origin](), list[Destination]()
        for row in item.items("networkProfile", "networkInterfaces"):
            interface = state.get(row["id"])
            if interface is None:
                raise ValueError(f"network interface {row['id']} is not in the state")
            group = groups.get(reference(interface.properties, "networkSecurityGroup"))
            own_groups = (group,) if group else ()
            for part in interface.items("ipConfigurations"):
                subnet = nets.subnet(reference(part, "subnet"))
                private = part.get("privateIPAddress")
                address = network(str(private)) if private else subnet.addresses
                public = nets.public_addresses.get(reference(part, "publicIPAddress"), EMPTY)
                origins.append(Origin(subnet, address, own_groups, public_addresses=public))
                destinations.append(
                    Destination(
                        address, network=subnet.network, filtered_by=subnet,
                        security_groups=own_groups,
                    )
                )  # fmt: skip
                if public:
                    destinations.append(
                        Destination(
                            public, label="public address", public=True, translated_to=address,
                            filtered_by=subnet, security_groups=own_groups, secure_by_default=True,
                        )
                    )  # fmt: skip
        yield Endpoint(name.replace("-", " "), Kind.MACHINE, tuple(origins), tuple(destinations))


def _application_gateways(
    catalog: Catalog, state: State, cluster: Cluster, nets: VirtualNetworks
) -> None:
    found = application_gateways.from_state(state, nets, as_controller=cluster.has_agic)
    for endpoint, proxy in found:
        catalog.endpoints.append(endpoint)
        catalog.proxies.append(proxy)


def _traffic_controllers(
    catalog: Catalog, state: State, nets: VirtualNetworks, gateways: Sequence[Gateway]
) -> None:
    for one in traffic_controllers.from_state(state, nets, gateways):
        catalog.endpoints.append(one.endpoint)
        catalog.proxies.append(one.proxy)
        catalog.routes.extend(one.routes)
    catalog.skipped.extend(traffic_controllers.skipped(state, gateways))


def _vaults(state: State, nets: VirtualNetworks) -> Iterator[Endpoint]:
    vaults = state.of_type("keyvault:Vault")
    for item in vaults:
        access = str(item.at("properties", "publicNetworkAccess") or "enabled")
        rules = item.mapping("properties", "networkAcls")
        destinations = list(_private_endpoints(state, item, nets))
        if access.lower() == "enabled":
            destinations.append(_public_service("AzureKeyVault", rules, "IP rules of the vault"))
        name = "key vault" if len(vaults) == 1 else f"key vault {item.name}"
        yield Endpoint(name, Kind.VAULT, (), tuple(destinations), sends=False)


def _registries(state: State, nets: VirtualNetworks) -> Iterator[Endpoint]:
    registries = state.of_type("containerregistry:Registry")
    for item in registries:
        access = str(item.at("publicNetworkAccess") or "enabled")
        rules = item.mapping("networkRuleSet")
        destinations = list(_private_endpoints(state, item, nets))
        if access.lower() == "enabled":
            title = "IP rules of the registry"
            destinations.append(_public_service("AzureContainerRegistry", rules, title))
        name = "registry" if len(registries) == 1 else f"registry {item.name}"
        yield Endpoint(name, Kind.REGISTRY, (), tuple(destinations), sends=False)


def _public_service(tag: str, rules: Mapping[str, Any], title: str) -> Destination:
    """The public address of a service, which admits the ranges of its own IP rules."""
    allowed = networks(str(row["value"]) for row in nested.items(rules, "ipRules"))
    return Destination(
        service_tag(tag), label="public address", public=True, services=HTTPS,
        allowed_sources=allowed if rules.get("defaultAction") == "Deny" else None,
        allowed_sources_title=title,
    )  # fmt: skip


def _private_endpoints(
    state: State, target: Resource, nets: VirtualNetworks
) -> Iterator[Destination]:
    """The private endpoints of a resource."""
    for item in state.of_type("network:PrivateEndpoint"):
        connections = item.items("privateLinkServiceConnections")
        if target.key not in {key(row.get("privateLinkServiceId")) for row in connections}:
            continue
        subnet = nets.subnet(reference(item.properties, "subnet"))
        zones = [
            str(row["privateDnsZoneId"])
            for group in state.of_type("network:PrivateDnsZoneGroup")
            if group.key.startswith(f"{item.key}/privatednszonegroups/")
            for row in group.items("privateDnsZoneConfigs")
        ]
        yield Destination(
            subnet.addresses, label="private endpoint", network=subnet.network,
            filtered_by=subnet if subnet.filters_private_endpoints else None, services=HTTPS,
            resolves_in=frozenset(net for zone in zones for net in linked_networks(state, zone)),
            zone=", ".join(zone.rsplit("/", 1)[-1] for zone in zones) or "a private DNS zone",
            zone_of_others=any(state.get(zone) is None for zone in zones),
        )  # fmt: skip


def _ingress_controllers(
    catalog: Catalog,
    state: State,
    cluster: Cluster,
    nets: VirtualNetworks,
    gateways: Sequence[Gateway],
) -> None:
    """The proxies in the cluster, each with the services on which it accepts requests."""
    found = [
        (controller, controller.services)
        for one in load_balancers(state)
        if one.owner.kind != "Gateway"
        for controller in [controllers.behind(one)]
    ]
    for gateway, controller in gateway_api.controllers(state, gateways):
        found.append((controller, gateway.services))
        catalog.routes.extend(one.path for one in gateway_api.attachments(state, gateway))
    names = Counter(one.name for one, _ in found)
    for one, listener_services in found:
        pod = Pod(one.namespace, one.labels, namespace_labels(state, one.namespace), {})
        name = "ingress controller" if len(found) == 1 else f"ingress controller {one.name}"
        if names[one.name] > 1:
            name = f"ingress controller {one.namespace}/{one.name}"
        endpoint = cluster.pods(name, Kind.CONTROLLER, pod, nets)
        load_balancer = cluster.load_balancer_destinations(one, nets)
        destinations = (*endpoint.destinations, *load_balancer)
        catalog.endpoints.append(
            Endpoint(name, Kind.CONTROLLER, endpoint.origins, destinations, pod=pod)
        )
        catalog.proxies.append(Proxy(name, serves=one.classes, services=listener_services))
    known = GATEWAY_CLASSES | {traffic_controllers.GATEWAY_CLASS}
    catalog.skipped.extend(gateway_api.skipped(state, gateways, known))
    catalog.skipped.extend(unknown_releases(state))
