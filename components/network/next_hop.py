"""Whether the nodes' default route leads somewhere: checked before anything is registered.

AKS creates nodes that reach the Internet through a firewall or an appliance. If its network is not
connected with the cluster's network, the first node fails (VMExtensionProvisioningError,
OutboundConnFailVMExtensionError) after many minutes. A peering connects two networks once both
sides exist, and the other side may be another team's to create. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from components.addressing import AddressPlan
from components.azure.naming import Names
from components.azure.resource_ids import segment
from components.network import egress_rules
from components.problems import Problem
from components.settings.stack import Settings

CONNECTED = "Connected"


@dataclass(frozen=True)
class PeeringState:
    """A peering of the cluster's network, as Azure shows it."""

    name: str
    state: str
    """`Initiated` until the other side exists, then `Connected`; `Disconnected` without it."""
    remote_id: str
    remote_ranges: Sequence[str]


@dataclass(frozen=True)
class Gap:
    """Why the next hop is out of reach, and what to do."""

    reason: str
    remedy: str


def foreign_next_hop(settings: Settings, plan: AddressPlan) -> str | None:
    """The next hop of the nodes' default route, if another team has to connect its network.

    None where there is no such route, or where the program itself makes all that leads there.
    """
    address = egress_rules.next_hop(settings.network, plan)
    if address is None or _contain(settings.network.address_space, address):
        return None
    own = settings.network.existing is None and settings.management.existing is None
    if own and _contain(settings.management.address_space, address):
        return None
    return address


def cluster_network(settings: Settings) -> tuple[str, str]:
    """The resource group and the name of the cluster's virtual network."""
    existing = settings.network.existing
    if existing is None:
        names = Names(settings.workload, settings.environment, settings.location)
        return names.of("rg", "network"), names.of("vnet")
    network_id = existing.virtual_network_id
    return segment(network_id, "resourceGroups"), segment(network_id, "virtualNetworks")


def gap(network: str, address: str, peerings: Sequence[PeeringState] | None) -> Gap | None:
    """What is missing between the cluster's network and the next hop; None where nothing is.

    `network` is the name of the cluster's network, `peerings` are its peerings, None where the
    network does not exist yet.
    """
    peer = f"have the network with this address peered with {network} on both sides, and run again"
    if peerings is None:
        reason = f"{network} does not exist yet, so no network is peered with it"
        return Gap(reason, f"set aks-network:phase: networks and run, then {peer}")
    leading = [one for one in peerings if _contain(one.remote_ranges, address)]
    if not leading:
        return Gap(f"no peering of {network} leads to it", peer)
    if any(one.state == CONNECTED for one in leading):
        return None
    first = leading[0]
    return Gap(
        f"the peering {first.name} is {first.state}, not {CONNECTED}",
        f"ask the owner of {first.remote_id} to create its side of the peering, and run again",
    )


def problem(settings: Settings, address: str, gap: Gap) -> Problem:
    """The gap as a problem of the configuration."""
    appliance = settings.network.egress == "appliance"
    path = "applianceIp" if appliance else "egress"
    value = address if appliance else settings.network.egress
    why = f"{address} is the next hop of their route, and {gap.reason}"
    rule = f"must lead to the Internet before nodes start: {why}"
    return Problem(f"aks-network:network.{path}", value, rule, gap.remedy)


def _contain(ranges: Iterable[str], address: str) -> bool:
    return any(ip_address(address) in ip_network(one) for one in ranges)
