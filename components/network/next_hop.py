"""Whether nodes reach what they need from their start: checked before anything is registered.

AKS creates nodes that reach the Internet through a firewall or an appliance, and that ask the
network's DNS servers. If the network of one of them is not connected with the cluster's network,
the first node fails (VMExtensionProvisioningError, OutboundConnFailVMExtensionError) after many
minutes. A peering connects two networks once both sides exist, and the other side may be another
team's to create. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from components.addressing import AddressPlan
from components.azure.naming import Names
from components.azure.resource_ids import segment
from components.network import egress_rules
from components.problems import Problem
from components.settings import dns_server_rules
from components.settings.dns_server_rules import contain as _contain
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
class Needed:
    """An address that nodes need, if another team has to connect its network."""

    address: str
    role: str
    """What the address is to the nodes."""
    path: str
    """Path of the setting that names it."""
    value: str


@dataclass(frozen=True)
class Gap:
    """Why an address is out of reach, and what to do."""

    reason: str
    remedy: str


def foreign_addresses(settings: Settings, plan: AddressPlan) -> list[Needed]:
    """What nodes need from networks that another team has to connect.

    Empty where the program itself makes all that leads there.
    """
    return [*_next_hop(settings, plan), *_dns_servers(settings, plan)]


def _next_hop(settings: Settings, plan: AddressPlan) -> Iterator[Needed]:
    """The next hop of the nodes' default route."""
    address = egress_rules.next_hop(settings.network, plan)
    if address is not None and not _is_own(settings, address):
        appliance = settings.network.egress == "appliance"
        path = "applianceIp" if appliance else "egress"
        value = address if appliance else settings.network.egress
        role = "the next hop of the nodes' route"
        yield Needed(address, role, f"aks-network:network.{path}", value)


def _dns_servers(settings: Settings, plan: AddressPlan) -> Iterator[Needed]:
    """The DNS servers that a peering leads to.

    The others are on-premises behind a gateway, or where the next hop forwards to.
    """
    network, management = settings.network, settings.management
    hub = management.existing
    gateway = bool(management.gateway.on_premises) or (hub is not None and hub.use_gateway)
    routed = gateway or egress_rules.next_hop(network, plan) is not None
    for position, server in enumerate(network.dns_servers):
        peered = _contain(management.address_space, server) or not routed
        if peered and not _is_own(settings, server):
            path = f"{dns_server_rules.CLUSTER_SERVERS}[{position}]"
            yield Needed(server, "one of the nodes' DNS servers", path, server)


def _is_own(settings: Settings, address: str) -> bool:
    """Whether the program itself creates all that leads to the address."""
    if _contain(settings.network.address_space, address):
        return True
    own = settings.network.existing is None and settings.management.existing is None
    return own and _contain(settings.management.address_space, address)


def cluster_network(settings: Settings) -> tuple[str, str]:
    """The resource group and the name of the cluster's virtual network."""
    existing = settings.network.existing
    if existing is None:
        names = Names(settings.workload, settings.environment, settings.location)
        return names.of("rg", "network"), names.of("vnet")
    network_id = existing.virtual_network_id
    return segment(network_id, "resourceGroups"), segment(network_id, "virtualNetworks")


def management_network(settings: Settings) -> tuple[str, str]:
    """The resource group and the name of a management network that the program creates."""
    names = Names(settings.workload, settings.environment, settings.location)
    return names.of("rg", "management"), names.of("vnet", "management")


def gap(network: str, address: str, peerings: Sequence[PeeringState] | None) -> Gap | None:
    """What is missing between the cluster's network and an address; None where nothing is.

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


def problem(needed: Needed, gap: Gap) -> Problem:
    """The gap as a problem of the configuration."""
    why = f"{needed.address} is {needed.role}, and {gap.reason}"
    rule = f"must be reachable before nodes start: {why}"
    return Problem(needed.path, needed.value, rule, gap.remedy)
