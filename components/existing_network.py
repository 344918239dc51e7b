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

from components import topology
from components.addressing import AddressPlan
from components.problems import ConfigurationError, Problem
from components.settings.stack import Settings
from components.topology import ExpectedSubnet

_ID_PARTS = {"subscription": 2, "group": 4, "network": 8, "subnet": 10}
"""Where the names stand in `/subscriptions/…/resourceGroups/…/providers/…/virtualNetworks/…`."""


@dataclass(frozen=True)
class ExistingNetwork:
    """A network of another team, in the shape of a ClusterNetwork."""

    virtual_network_id: pulumi.Output[str]
    virtual_network_name: pulumi.Output[str]
    resource_group_name: pulumi.Output[str]
    subnet_ids: Mapping[str, pulumi.Output[str]]
    subnet_names: Mapping[str, str]
    last_subnet: pulumi.Resource | None = None
    route_table_id: pulumi.Output[str] | None = None
    routes: Sequence[pulumi.Resource] = ()
    egress_addresses: Sequence[pulumi.Output[str]] = field(default_factory=list[pulumi.Output[str]])


def part(resource_id: str, name: str) -> str:
    """A part of a virtual network's or subnet's id: subscription, group, network or subnet."""
    return resource_id.split("/")[_ID_PARTS[name]]


def look(settings: Settings, plan: AddressPlan) -> ExistingNetwork | None:
    """Read what is another team's and return the cluster's network, if that is.

    Raises ConfigurationError with everything that is not as the settings say.
    """
    problems: list[Problem] = []
    hub, theirs = settings.management.existing, settings.network.existing
    if hub is not None:
        path = "aks-network:management.existing.virtualNetworkId"
        problems += _differences(hub.virtual_network_id, settings.management.address_space, path)
    if theirs is None:
        _raise_if_any(problems)
        return None
    network_id = theirs.virtual_network_id
    path = "aks-network:network.existing.virtualNetworkId"
    problems += _differences(network_id, settings.network.address_space, path, settings.location)
    subnets = topology.expected_subnets(settings.network, plan, settings.ingress)
    route_tables: list[str] = []
    for expected in subnets.values():
        problems.extend(_subnet_differences(expected, network_id, route_tables))
    _raise_if_any(problems)
    return ExistingNetwork(
        virtual_network_id=pulumi.Output.from_input(network_id),
        virtual_network_name=pulumi.Output.from_input(part(network_id, "network")),
        resource_group_name=pulumi.Output.from_input(part(network_id, "group")),
        subnet_ids={key: pulumi.Output.from_input(one.id) for key, one in subnets.items()},
        subnet_names={key: part(one.id, "subnet") for key, one in subnets.items()},
        route_table_id=pulumi.Output.from_input(route_tables[0]) if route_tables else None,
    )


def _raise_if_any(problems: Sequence[Problem]) -> None:
    if problems:
        raise ConfigurationError(problems)


def _differences(
    network_id: str, address_space: Sequence[str], path: str, location: str | None = None
) -> Iterator[Problem]:
    """What a network has other than the settings say; its region matters for the cluster's only."""
    try:
        found = azure.get_virtual_network(
            resource_group_name=part(network_id, "group"),
            virtual_network_name=part(network_id, "network"),
        )
    except Exception as error:  # noqa: BLE001 - whatever kept the network from being read
        yield Problem(path, network_id, f"can't be read: {_first_line(error)}", "correct the id")
        return
    there = set(found.address_space.address_prefixes or []) if found.address_space else set[str]()
    missing = sorted(set(address_space) - there)
    if missing:
        rule = f"has {', '.join(sorted(there))}, not {', '.join(missing)}"
        space = path.replace(".existing.virtualNetworkId", ".addressSpace")
        yield Problem(space, ", ".join(address_space), rule, "write what the network has")
    if location and (found.location or "").replace(" ", "").lower() != location:
        rule = f"is in {found.location}, and a cluster's network is in the cluster's region"
        yield Problem(path, network_id, rule, f"name a network in {location}")


def _subnet_differences(
    expected: ExpectedSubnet, network_id: str, route_tables: list[str]
) -> Iterator[Problem]:
    if not expected.id.lower().startswith(f"{network_id.lower()}/subnets/"):
        yield Problem(expected.path, expected.id, f"is not in {network_id}", "correct one of them")
        return
    try:
        found = azure.get_subnet(
            resource_group_name=part(expected.id, "group"),
            virtual_network_name=part(expected.id, "network"),
            subnet_name=part(expected.id, "subnet"),
        )
    except Exception as error:  # noqa: BLE001
        yield Problem(
            expected.path, expected.id, f"can't be read: {_first_line(error)}", "correct the id"
        )
        return
    prefixes = found.address_prefixes or ([found.address_prefix] if found.address_prefix else [])
    if expected.prefix not in prefixes:
        path = expected.path.replace(".existing.subnets", ".subnets")
        rule = f"the subnet has {', '.join(prefixes)}"
        yield Problem(path, expected.prefix, rule, "write what the subnet has")
    if expected.nat_gateway and found.nat_gateway is None:
        rule = "has no NAT gateway, and egress is nat-gateway"
        yield Problem(expected.path, expected.id, rule, "have one put on it, or change egress")
    if expected.route_table and found.route_table is None:
        rule = "has no route table, which model and egress need"
        yield Problem(expected.path, expected.id, rule, "have one put on it, or change egress")
    if expected.route_table and found.route_table and found.route_table.id:
        route_tables.append(found.route_table.id)
    delegated = {one.service_name for one in found.delegations or []}
    if delegated - {expected.delegation}:
        rule = f"is delegated to {', '.join(sorted(map(str, delegated)))}"
        yield Problem(expected.path, expected.id, rule, "name a subnet that is not delegated")


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
