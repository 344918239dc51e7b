"""A virtual network of another team: looked at, never written.

The settings say what the network has (`addressSpace`, `subnets`, `existing`), so that the address
plan can be made and proven without a cloud. Here the network itself is read and held against that,
before anything is registered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_azure_native import network as azure

from components.addressing import AddressPlan, NetworkModel
from components.azure.resource_ids import resource_name, segment
from components.network import subnet_specs
from components.network.egress_rules import EVERYWHERE, next_hop
from components.network.subnet_specs import ExpectedSubnet
from components.problems import ConfigurationError, Problem
from components.settings.stack import Settings


@dataclass(frozen=True)
class ExistingNetwork:
    """A network of another team, in the shape of a ClusterNetwork."""

    virtual_network_id: pulumi.Output[str]
    virtual_network_name: pulumi.Output[str]
    resource_group_name: pulumi.Output[str]
    address_space: Sequence[str]
    """All that it has, which may be more than the settings name."""
    subnet_ids: Mapping[str, pulumi.Output[str]]
    last_subnet: pulumi.Resource | None = None
    route_table_id: pulumi.Output[str] | None = None
    routes: Sequence[pulumi.Resource] = ()
    egress_addresses: Sequence[pulumi.Output[str]] = field(default_factory=list[pulumi.Output[str]])


def look(settings: Settings, plan: AddressPlan) -> ExistingNetwork | None:
    """Read what is another team's and return the cluster's network, if that is.

    Raises ConfigurationError with everything that is not as the settings say.
    """
    look_at = _Look(settings, plan)
    if settings.management.existing is not None:
        look_at.hub(settings.management.existing.virtual_network_id)
    found = None
    if settings.network.existing is not None:
        found = look_at.cluster_network(settings.network.existing.virtual_network_id)
    if look_at.problems:
        raise ConfigurationError(look_at.problems)
    return found


class _Look:
    """A look at everything that others own, with the problems that were found."""

    def __init__(self, settings: Settings, plan: AddressPlan) -> None:
        self._settings, self._plan = settings, plan
        self.problems: list[Problem] = []

    def hub(self, network_id: str) -> None:
        """The network that operators come through."""
        path = "aks-network:management.existing.virtualNetworkId"
        self._network(network_id, self._settings.management.address_space, path)

    def cluster_network(self, network_id: str) -> ExistingNetwork:
        """The cluster's network and those of its subnets that the plan uses."""
        settings = self._settings
        path = "aks-network:network.existing.virtualNetworkId"
        there = self._network(
            network_id, settings.network.address_space, path, region=settings.location
        )
        subnets = subnet_specs.expected_subnets(settings.network, self._plan, settings.ingress)
        tables = [self._subnet(expected, network_id) for expected in subnets.values()]
        tables = [one for one in tables if one]
        self.problems += _one_table_for_kubenet(settings, subnets, tables)
        return ExistingNetwork(
            virtual_network_id=pulumi.Output.from_input(network_id),
            virtual_network_name=pulumi.Output.from_input(segment(network_id, "virtualNetworks")),
            resource_group_name=pulumi.Output.from_input(segment(network_id, "resourceGroups")),
            address_space=there,
            subnet_ids={key: pulumi.Output.from_input(one.id) for key, one in subnets.items()},
            route_table_id=pulumi.Output.from_input(tables[0]) if tables else None,
        )

    def _add(self, path: str, value: str, rule: str, remedy: str) -> None:
        self.problems.append(Problem(path, value, rule, remedy))

    def _network(
        self, network_id: str, address_space: Sequence[str], path: str, region: str | None = None
    ) -> list[str]:
        """All ranges of a network; the region matters for the cluster's only."""
        try:
            found = azure.get_virtual_network(
                resource_group_name=segment(network_id, "resourceGroups"),
                virtual_network_name=segment(network_id, "virtualNetworks"),
            )
        except Exception as error:  # noqa: BLE001 - whatever kept the network from being read
            self._add(path, network_id, f"can't be read: {_first_line(error)}", "correct the id")
            return []
        there = (found.address_space.address_prefixes if found.address_space else None) or []
        missing = sorted(set(address_space) - set(there))
        if missing:
            rule = f"has {', '.join(sorted(there))}, not {', '.join(missing)}"
            space = path.replace(".existing.virtualNetworkId", ".addressSpace")
            self._add(space, ", ".join(address_space), rule, "write what the network has")
        if region and (found.location or "").replace(" ", "").lower() != region:
            rule = f"is in {found.location}, and a cluster's network is in the cluster's region"
            self._add(path, network_id, rule, f"name a network in {region}")
        return list(there)

    def _subnet(self, expected: ExpectedSubnet, network_id: str) -> str | None:
        """The id of a subnet's route table, where one has to be on it and is."""
        if not expected.id.lower().startswith(f"{network_id.lower()}/subnets/"):
            self._add(expected.path, expected.id, f"is not in {network_id}", "correct one of them")
            return None
        try:
            found = azure.get_subnet(
                resource_group_name=segment(expected.id, "resourceGroups"),
                virtual_network_name=segment(expected.id, "virtualNetworks"),
                subnet_name=segment(expected.id, "subnets"),
            )
        except Exception as error:  # noqa: BLE001
            rule = f"can't be read: {_first_line(error)}"
            self._add(expected.path, expected.id, rule, "correct the id")
            return None
        prefixes = found.address_prefixes or [found.address_prefix or ""]
        if expected.prefix not in prefixes:
            path = expected.path.replace(".existing.subnets", ".subnets")
            rule = f"the subnet has {', '.join(prefixes)}"
            self._add(path, expected.prefix, rule, "write what the subnet has")
        if expected.nat_gateway and found.nat_gateway is None:
            rule = "has no NAT gateway, and egress is nat-gateway"
            self._add(expected.path, expected.id, rule, "have one put on it, or change egress")
        delegated = {one.service_name for one in found.delegations or []}
        if delegated - {expected.delegation}:
            rule = f"is delegated to {', '.join(sorted(map(str, delegated)))}"
            self._add(expected.path, expected.id, rule, "name a subnet that is not delegated")
        if not expected.route_table:
            return None
        if found.route_table is None or not found.route_table.id:
            rule = "has no route table, which model and egress need"
            self._add(expected.path, expected.id, rule, "have one put on it, or change egress")
            return None
        self._default_route(expected, found.route_table.id)
        return found.route_table.id

    def _default_route(self, expected: ExpectedSubnet, table_id: str) -> None:
        """The table leads to the appliance that the settings name.

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
            rule = f"its route table {table_id} can't be read: {_first_line(error)}"
            self._add(expected.path, expected.id, rule, "have yourself given Reader on it")
            return
        hops = [
            f"{one.next_hop_type} {one.next_hop_ip_address or ''}".strip()
            for one in table.routes or []
            if one.address_prefix == EVERYWHERE
        ]
        if hops != [f"VirtualAppliance {appliance}"]:
            leads = f"leads {EVERYWHERE} to {hops[0]}" if hops else "has no default route"
            name = resource_name(table_id)
            rule = f"its route table {name} {leads}, and egress is {appliance}"
            remedy = f"have {EVERYWHERE} routed to VirtualAppliance {appliance}, or write "
            self._add(expected.path, expected.id, rule, f"{remedy}the egress that it has")


def _one_table_for_kubenet(
    settings: Settings, subnets: Mapping[str, ExpectedSubnet], tables: Sequence[str]
) -> Iterator[Problem]:
    """With kubenet AKS writes the routes to pods into one table, by a role on that one."""
    if settings.network.model == NetworkModel.KUBENET and len({one.lower() for one in tables}) > 1:
        names = sorted({resource_name(one) for one in tables})
        yield Problem(
            "aks-network:network.existing.subnets",
            ", ".join(key for key, one in subnets.items() if one.route_table),
            f"have different route tables ({', '.join(names)}), and kubenet has one for all nodes",
            "have the same route table put on all of them",
        )


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
