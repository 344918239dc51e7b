"""Virtual networks that other teams own: read and checked, never written.

The settings describe an existing network (`addressSpace`, `subnets`, `existing`), so that the
address plan can be computed and proven without a cloud. This module reads the network itself and
checks it against the settings, before anything is registered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network
from itertools import product
from typing import Any

import pulumi
from pulumi_azure_native import network as azure

from components.addressing import AddressPlan, NetworkModel
from components.azure.resource_ids import resource_name, segment
from components.network import subnet_specs
from components.network.egress_rules import EVERYWHERE, next_hop
from components.network.next_hop import cluster_network
from components.network.subnet_specs import ExpectedSubnet
from components.problems import ConfigurationError, Problem
from components.settings import dns_server_rules
from components.settings.stack import Settings


@dataclass(frozen=True)
class ExistingNetwork:
    """The cluster's network where another team owns it, with the attributes of a ClusterNetwork."""

    virtual_network_id: pulumi.Output[str]
    virtual_network_name: pulumi.Output[str]
    resource_group_name: pulumi.Output[str]
    address_space: Sequence[str]
    """All ranges of the network, which may be more than the settings name."""
    subnet_ids: Mapping[str, pulumi.Output[str]]
    last_subnet: pulumi.Resource | None = None
    route_table_id: pulumi.Output[str] | None = None
    routes: Sequence[pulumi.Resource] = ()
    egress_addresses: Sequence[pulumi.Output[str]] = field(default_factory=list[pulumi.Output[str]])


def read_existing_networks(settings: Settings, plan: AddressPlan) -> ExistingNetwork | None:
    """Read the existing networks of the settings; return the cluster's, None where it is new.

    Raises ConfigurationError with every difference between the settings and the networks.
    """
    reader = _Reader(settings, plan)
    if settings.management.existing is not None:
        reader.management_network(settings.management.existing.virtual_network_id)
    cluster_network = None
    if settings.network.existing is not None:
        cluster_network = reader.cluster_network(settings.network.existing.virtual_network_id)
    if reader.problems:
        raise ConfigurationError(reader.problems)
    return cluster_network


class _Reader:
    """Reads existing networks and collects the problems."""

    def __init__(self, settings: Settings, plan: AddressPlan) -> None:
        self._settings, self._plan = settings, plan
        self.problems: list[Problem] = []

    def management_network(self, network_id: str) -> None:
        """Check the network that operators connect through."""
        path = "aks-network:management.existing.virtualNetworkId"
        settings = self._settings
        hub = self._network(network_id, settings.management.address_space, path)
        if hub is None:
            return
        # The address plan has compared the ranges that the settings name.
        others = set(_ranges(hub.address_space)) - set(settings.management.address_space)
        own = [*settings.network.address_space, settings.network.service_cidr]
        own += [settings.network.pod_cidr] if settings.network.pod_cidr else []
        self._apart(own, others, f"a range of {resource_name(network_id)}")
        if settings.network.existing is None:
            self._apart_from_peers(hub)

    def _apart_from_peers(self, hub: Any) -> None:
        """Check that no other peer of the hub has a range of the cluster's network.

        Azure refuses a network with two peers that overlap
        (VnetAddressSpaceOverlapsWithAlreadyPeeredVnet).
        """
        group, name = cluster_network(self._settings)
        this = f"/resourcegroups/{group}/providers/microsoft.network/virtualnetworks/{name}"
        for peering in hub.virtual_network_peerings or ():
            remote = peering.remote_virtual_network
            if remote and not str(remote.id).lower().endswith(this.lower()):
                who = f"a range of {resource_name(remote.id)}, a peer of {hub.name}"
                ranges = _ranges(peering.remote_address_space)
                self._apart(self._settings.network.address_space, ranges, who)

    def _apart(self, own: Iterable[str], others: Iterable[str], what: str) -> None:
        for mine, other in product(own, sorted(others)):
            if ip_network(mine).overlaps(ip_network(other)):
                rule = f"must not overlap {other}, {what}: Azure could not route to both"
                self._add("aks-network:network", mine, rule, "use another range")

    def cluster_network(self, network_id: str) -> ExistingNetwork:
        """Check the cluster's network and those of its subnets that the plan uses."""
        settings = self._settings
        path = "aks-network:network.existing.virtualNetworkId"
        network = self._network(
            network_id, settings.network.address_space, path, region=settings.location
        )
        if network is not None:
            self._dns_servers(network)
        subnets = subnet_specs.expected_subnets(settings.network, self._plan)
        table_ids = [self._subnet(expected, network_id) for expected in subnets.values()]
        table_ids = [table_id for table_id in table_ids if table_id]
        self.problems += _one_table_for_kubenet(settings, subnets, table_ids)
        return ExistingNetwork(
            virtual_network_id=pulumi.Output.from_input(network_id),
            virtual_network_name=pulumi.Output.from_input(segment(network_id, "virtualNetworks")),
            resource_group_name=pulumi.Output.from_input(segment(network_id, "resourceGroups")),
            address_space=_ranges(network.address_space) if network else [],
            subnet_ids={
                key: pulumi.Output.from_input(subnet.id) for key, subnet in subnets.items()
            },
            route_table_id=pulumi.Output.from_input(table_ids[0]) if table_ids else None,
        )

    def _dns_servers(self, network: Any) -> None:
        """Check that the settings know the network's DNS servers: firewall rules depend on them."""
        stated = list(self._settings.network.dns_servers)
        actual = list(network.dhcp_options.dns_servers or ()) if network.dhcp_options else []
        has = f"it has {', '.join(actual) or 'none, so Azure resolves names'}"
        if stated and stated != actual:
            rule = f"must be the DNS servers of the network, in their order: {has}"
            self._add(
                dns_server_rules.CLUSTER_SERVERS,
                ", ".join(stated),
                rule,
                "use what the network has",
            )
        elif actual != stated:
            pulumi.log.warn(
                f"{dns_server_rules.CLUSTER_SERVERS} should be the DNS servers of the network: "
                f"{has}; otherwise the program does not check them, and opens no firewall for them"
            )

    def _add(self, path: str, value: str, rule: str, remedy: str) -> None:
        self.problems.append(Problem(path, value, rule, remedy))

    def _network(
        self, network_id: str, address_space: Sequence[str], path: str, region: str | None = None
    ) -> Any | None:
        """Check a network. `region` is the required one; None accepts any."""
        try:
            network = azure.get_virtual_network(
                resource_group_name=segment(network_id, "resourceGroups"),
                virtual_network_name=segment(network_id, "virtualNetworks"),
            )
        except Exception as error:  # noqa: BLE001 - any reason why the network can't be read
            rule = f"must be the id of a virtual network that can be read: {_first_line(error)}"
            self._add(path, network_id, rule, "correct the id, or assign Reader on the network")
            return None
        actual = _ranges(network.address_space)
        if set(address_space) - set(actual):
            rule = f"must be ranges of the network: it has {', '.join(sorted(actual))}"
            space = path.replace(".existing.virtualNetworkId", ".addressSpace")
            self._add(space, ", ".join(address_space), rule, "use the ranges that the network has")
        if region and (network.location or "").replace(" ", "").lower() != region:
            rule = (
                f"must be in {region}, the cluster's region: the network is in {network.location}"
            )
            self._add(path, network_id, rule, f"use a network in {region}")
        return network

    def _subnet(self, expected: ExpectedSubnet, network_id: str) -> str | None:
        """Check a subnet; return the id of its route table where it needs one and has one."""
        if not expected.id.lower().startswith(f"{network_id.lower()}/subnets/"):
            rule = f"must be a subnet of {network_id}"
            self._add(expected.path, expected.id, rule, "correct one of the two ids")
            return None
        try:
            subnet = azure.get_subnet(
                resource_group_name=segment(expected.id, "resourceGroups"),
                virtual_network_name=segment(expected.id, "virtualNetworks"),
                subnet_name=segment(expected.id, "subnets"),
            )
        except Exception as error:  # noqa: BLE001
            rule = f"must be the id of a subnet that can be read: {_first_line(error)}"
            self._add(expected.path, expected.id, rule, "correct the id, or assign Reader on it")
            return None
        prefixes = subnet.address_prefixes or [subnet.address_prefix or ""]
        if expected.prefix not in prefixes:
            path = expected.path.replace(".existing.subnets", ".subnets")
            rule = f"must be the prefix of the subnet: it has {', '.join(prefixes)}"
            self._add(path, expected.prefix, rule, "use the prefix that the subnet has")
        if expected.nat_gateway and subnet.nat_gateway is None:
            rule = "must have a NAT gateway: network.egress is nat-gateway"
            self._add(expected.path, expected.id, rule, "attach one to it, or change the egress")
        delegated = {delegation.service_name for delegation in subnet.delegations or []}
        if delegated - {expected.delegation}:
            rule = f"must not be delegated to {', '.join(sorted(map(str, delegated)))}"
            self._add(expected.path, expected.id, rule, "use a subnet that is not delegated")
        elif expected.must_be_delegated and not delegated:
            rule = f"must be delegated to {expected.delegation}: Azure requires it"
            self._add(expected.path, expected.id, rule, "ask the network's owner to delegate it")
        if not expected.route_table:
            return None
        if subnet.route_table is None or not subnet.route_table.id:
            rule = "must have a route table: network.model or network.egress requires one"
            self._add(expected.path, expected.id, rule, "attach one to it, or change the egress")
            return None
        self._default_route(expected, subnet.route_table.id)
        return subnet.route_table.id

    def _default_route(self, expected: ExpectedSubnet, table_id: str) -> None:
        """Check that the default route leads to the appliance of the settings.

        AKS refuses a table without a default route or with one to the Internet
        (RouteTableMissingDefaultRouteError, RouteTableInvalidNextHop).
        """
        appliance = next_hop(self._settings.network, self._plan)
        if appliance is None:
            return
        try:
            table = azure.get_route_table(
                resource_group_name=segment(table_id, "resourceGroups"),
                route_table_name=segment(table_id, "routeTables"),
            )
        except Exception as error:  # noqa: BLE001
            rule = f"must have a readable route table: {table_id}: {_first_line(error)}"
            self._add(expected.path, expected.id, rule, "assign Reader on the route table")
            return
        hops = [
            f"{route.next_hop_type} {route.next_hop_ip_address or ''}".strip()
            for route in table.routes or []
            if route.address_prefix == EVERYWHERE
        ]
        if hops != [f"VirtualAppliance {appliance}"]:
            actual = f"routes it to {hops[0]}" if hops else "has no default route"
            required = f"must route {EVERYWHERE} to VirtualAppliance {appliance}"
            rule = f"{required}: its route table {resource_name(table_id)} {actual}"
            remedy = "change the default route, or the egress of the cluster"
            self._add(expected.path, expected.id, rule, remedy)


def _one_table_for_kubenet(
    settings: Settings, subnets: Mapping[str, ExpectedSubnet], table_ids: Sequence[str]
) -> Iterator[Problem]:
    """With kubenet AKS writes the routes to pods into one table, and has a role on that one."""
    if settings.network.model != NetworkModel.KUBENET:
        return
    if len({table_id.lower() for table_id in table_ids}) > 1:
        names = sorted({resource_name(table_id) for table_id in table_ids})
        yield Problem(
            "aks-network:network.existing.subnets",
            ", ".join(key for key, subnet in subnets.items() if subnet.route_table),
            f"must have one route table for all nodes with kubenet: they have {', '.join(names)}",
            "attach the same route table to all of them",
        )


def _ranges(space: Any) -> list[str]:
    """The ranges of an address space; empty without one."""
    return list(space.address_prefixes or ()) if space else []


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
