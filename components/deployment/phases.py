"""The two phases in which a stack can be deployed: the networks first, then all of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_azure_native import network as azure

from components.addressing import AddressPlan
from components.addressing.plan import SubnetFigures
from components.deployment import networks
from components.deployment.context import DeploymentContext
from components.network import next_hop
from components.network.existing_network import ExistingNetwork
from components.network.next_hop import PeeringState
from components.problems import ConfigurationError, Problem
from components.settings.load import Configuration
from components.settings.stack import Settings


class NetworksOnly:
    """The first phase: the networks and their peerings, which the second phase completes."""

    def __init__(
        self, checked: Configuration, existing_network: ExistingNetwork | None = None
    ) -> None:
        self._context = DeploymentContext.of(checked)
        self._network = existing_network or networks.cluster_network(self._context)
        self._management = networks.management_network(self._context, self._network)

    def outputs(self) -> dict[str, Any]:
        """Those of the stack's outputs that exist already, under their final names."""
        figures: list[SubnetFigures] = self._context.plan.as_output()
        return {
            "addressPlan": figures,
            "virtualNetworkId": self._network.virtual_network_id,
            "managementVirtualNetworkId": self._management.virtual_network_id,
            "subnetIds": dict(self._network.subnet_ids),
        }


def check_deletion(settings: Settings, last_outputs: Mapping[str, Any]) -> None:
    """Raise ConfigurationError where the first phase would delete a cluster."""
    if settings.phase == "networks" and "clusterName" in last_outputs:
        rule = "must be all: the cluster exists, and the run would delete it"
        problem = Problem("aks-network:phase", settings.phase, rule, "remove the setting")
        raise ConfigurationError([problem])


def check_phase(settings: Settings, plan: AddressPlan, last_outputs: Mapping[str, Any]) -> None:
    """Check that the stack is ready for its phase.

    Raises ConfigurationError where the nodes of a new cluster would have no outbound connectivity.
    If the cluster exists already, that is a warning: the run may be what repairs it.
    """
    if settings.phase == "networks":
        pulumi.log.warn(
            "only the networks are deployed: remove aks-network:phase when all peerings are"
            " connected, and run again"
        )
        return
    problems = _unreachable(settings, plan)
    if problems and "clusterName" not in last_outputs:
        raise ConfigurationError(problems)
    for problem in problems:
        pulumi.log.warn(str(problem))


def check_without_last_run(settings: Settings, plan: AddressPlan) -> None:
    """The same, for a deployment that is a part of another program, whose outputs are unknown.

    It has no phases, and nodes without outbound connectivity are a warning.
    """
    if settings.phase == "networks":
        rule = "must be all: the component always registers the whole deployment"
        remedy = "remove it, and register the networks as components of their own first"
        raise ConfigurationError([Problem("aks-network:phase", settings.phase, rule, remedy)])
    for problem in _unreachable(settings, plan):
        pulumi.log.warn(str(problem))


def _unreachable(settings: Settings, plan: AddressPlan) -> list[Problem]:
    """Why nodes would not reach their next hop or a DNS server; empty where they would."""
    foreign = next_hop.foreign_addresses(settings, plan)
    if not foreign:
        return []
    group, name = next_hop.cluster_network(settings)
    peerings = _read_peerings(group, name)
    gaps = [(needed, next_hop.gap(name, needed.address, peerings)) for needed in foreign]
    return [next_hop.problem(needed, found) for needed, found in gaps if found]


def _read_peerings(group: str, name: str) -> list[PeeringState] | None:
    """The peerings of a network; None where it does not exist or can't be read."""
    try:
        network = azure.get_virtual_network(resource_group_name=group, virtual_network_name=name)
    except Exception:  # noqa: BLE001 - any reason why the network can't be read
        return None
    peerings: list[Any] = list(network.virtual_network_peerings or ())
    return [
        PeeringState(
            name=one.name,
            state=one.peering_state,
            remote_id=one.remote_virtual_network.id if one.remote_virtual_network else "",
            remote_ranges=(one.remote_address_space.address_prefixes or ())
            if one.remote_address_space
            else (),
        )
        for one in peerings
    ]
