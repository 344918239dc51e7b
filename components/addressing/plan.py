"""The address plan: every subnet with its prefix, its required and its spare addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network
from typing import TypedDict

from components.addressing.azure import (
    FIRST_USABLE,
    SUBNET_DEFINITIONS,
    SubnetDefinition,
    usable_addresses,
)
from components.addressing.request import NetworkModel, PlanRequest
from components.addressing.subnet_keys import SubnetKey
from components.addressing.subnet_sizes import Need, Pool, SubnetDemand
from components.problems import Problem


class Holding(TypedDict):
    """Something that takes addresses of a subnet."""

    what: str
    """What takes the addresses, such as nodes, pods or the instances of a gateway."""
    addresses: int
    """The number of addresses that it takes at its maximum, during an upgrade."""


class SubnetFigures(TypedDict):
    """A subnet of the address plan; all figures are addresses."""

    subnet: str
    """The key of the subnet, such as nodes or bastion."""
    vnet: str
    """The network of the subnet: cluster or management."""
    prefix: str
    """The address range of the subnet in CIDR notation."""
    usable: int
    """The number of usable addresses. Azure reserves five of each subnet."""
    required: int
    """The number of addresses that are needed at the maximum: the larger of the two below."""
    headroom: int
    """The number of usable addresses that are left at the maximum."""
    azureRequired: int
    """The number that Azure checks when it creates or scales pools: the maximum without surge."""
    upgradeRequired: int
    """The number needed during an upgrade at the maximum, with surge nodes and all else."""
    upgradeRequiredToday: int
    """The number needed during an upgrade with every pool at its minimum."""
    holds: list[Holding]
    """The parts of the deployment that take addresses of the subnet."""


@dataclass(frozen=True)
class PlannedSubnet:
    """A subnet and its figures, all in addresses.

    `azure_required` is what Azure's own check counts when pools are created or scaled: maxima
    without surge. `upgrade_required` adds the surge of an upgrade and everything else that takes
    addresses here. `today_required` is what an upgrade takes with every pool at its least size.
    """

    key: str
    vnet: str
    network: IPv4Network
    demand: SubnetDemand
    fixed: bool
    """The prefix was chosen by hand, or belongs to another team."""
    existing: bool
    """The subnet belongs to another team and must not be written."""

    @property
    def prefix(self) -> str:
        return str(self.network)

    @property
    def needs(self) -> tuple[Need, ...]:
        return self.demand.needs

    @property
    def usable(self) -> int:
        return usable_addresses(self.network)

    @property
    def azure_required(self) -> int:
        return self.demand.azure_required

    @property
    def upgrade_required(self) -> int:
        return self.demand.upgrade_required

    @property
    def today_required(self) -> int:
        return self.demand.today_required

    @property
    def required(self) -> int:
        return max(self.azure_required, self.upgrade_required)

    @property
    def headroom(self) -> int:
        return self.usable - self.required

    @property
    def definition(self) -> SubnetDefinition:
        """Its row of the table; further node and pod subnets have their family's."""
        return definition_of(self.key, self.demand)

    @property
    def azure_name(self) -> str | None:
        """The name that Azure prescribes, where it does."""
        return self.definition.azure_name

    def address(self, number: int) -> str:
        """The `number`-th usable address, from 1; counted from the end where negative.

        Raises ValueError where the subnet has no such address.
        """
        if number == 0 or abs(number) > self.usable:
            raise ValueError(
                f"subnet {self.key} ({self.prefix}) has usable addresses 1 to {self.usable}, "
                f"or -1 to -{self.usable} from its end, but no number {number}"
            )
        first = int(self.network.network_address) + FIRST_USABLE
        return str(IPv4Address(first + (number - 1 if number > 0 else self.usable + number)))


@dataclass(frozen=True)
class PlannedVnet:
    """A virtual network with its subnets, in the order in which they lie."""

    name: str
    address_space: tuple[str, ...]
    existing: bool
    subnets: tuple[PlannedSubnet, ...]
    places: Mapping[str, IPv4Network]
    """The place of every subnet, in use or not, by key: its slot, or the prefix fixed by hand."""

    @cached_property
    def set_aside(self) -> dict[str, IPv4Network]:
        """The places that no subnet uses yet."""
        used = [subnet.network for subnet in self.subnets]
        return {
            key: place
            for key, place in self.places.items()
            if not any(place.overlaps(network) for network in used)
        }

    @cached_property
    def ranges(self) -> tuple[IPv4Network, ...]:
        return tuple(IPv4Network(text) for text in self.address_space)


@dataclass(frozen=True)
class PodRange:
    """`podCidr` of overlay and kubenet, in addresses: a /24 for each node."""

    network: IPv4Network
    azure_required: int
    upgrade_required: int

    @property
    def prefix(self) -> str:
        return str(self.network)

    @property
    def usable(self) -> int:
        """All of them: the range is not a subnet, so Azure keeps none for itself."""
        return self.network.num_addresses

    @property
    def required(self) -> int:
        return max(self.azure_required, self.upgrade_required)

    @property
    def headroom(self) -> int:
        return self.usable - self.required


@dataclass(frozen=True)
class AddressPlan:
    """A plan that has been checked: nothing overlaps and everything fits at its maximum."""

    request: PlanRequest
    vnets: tuple[PlannedVnet, ...]
    pools: tuple[Pool, ...]
    service_range: IPv4Network
    pod_range: PodRange | None
    advice: tuple[Problem, ...] = field(default=())
    """What Azure accepts but its documentation advises against."""

    @property
    def model(self) -> NetworkModel:
        return self.request.model

    @property
    def subnets(self) -> tuple[PlannedSubnet, ...]:
        return tuple(subnet for vnet in self.vnets for subnet in vnet.subnets)

    def vnet(self, name: str) -> PlannedVnet:
        """`cluster` or `management`; KeyError where the plan has no such network."""
        return {vnet.name: vnet for vnet in self.vnets}[name]

    @cached_property
    def _by_key(self) -> dict[str, PlannedSubnet]:
        return {subnet.key: subnet for subnet in self.subnets}

    def subnet(self, key: str) -> PlannedSubnet:
        """The subnet with this key; KeyError where no feature in use needs it."""
        return self._by_key[key]

    def has(self, key: str) -> bool:
        return key in self._by_key

    def address(self, key: str, number: int = 1) -> str:
        """The `number`-th usable address of a subnet, for what gets a planned address.

        Counts from 1, so 1 is the firewall's; negative numbers count from the end.
        Raises KeyError without such a subnet and ValueError without such an address.
        """
        return self.subnet(key).address(number)

    def as_output(self) -> list[SubnetFigures]:
        """The stack output `addressPlan`: a plain object for each subnet."""
        return [
            {
                "subnet": str(subnet.key),
                "vnet": subnet.vnet,
                "prefix": subnet.prefix,
                "usable": subnet.usable,
                "required": subnet.required,
                "headroom": subnet.headroom,
                "azureRequired": subnet.azure_required,
                "upgradeRequired": subnet.upgrade_required,
                "upgradeRequiredToday": subnet.today_required,
                "holds": [{"what": need.label, "addresses": need.upgrade} for need in subnet.needs],
            }
            for subnet in self.subnets
        ]


def definition_of(key: str, demand: SubnetDemand) -> SubnetDefinition:
    """The definition of a subnet: its own, or its family's for further node and pod subnets."""
    if key in SUBNET_DEFINITIONS:
        return SUBNET_DEFINITIONS[key]
    return SUBNET_DEFINITIONS[SubnetKey.PODS if demand.family == "pods" else SubnetKey.NODES]
