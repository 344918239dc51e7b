"""The state that all steps of planning share: the request, its ranges, and what is in use."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Network

from components.addressing.findings import Findings
from components.addressing.ranges import NamedRange
from components.addressing.request import PlanRequest, VnetRequest
from components.addressing.subnet_layout import slots
from components.addressing.subnet_sizes import Pool


@dataclass
class VnetDraft:
    """A virtual network while it is being planned."""

    request: VnetRequest
    ranges: tuple[IPv4Network, ...]
    slots: dict[str, IPv4Network]
    fixed: dict[str, IPv4Network] = field(default_factory=dict[str, IPv4Network])
    occupied: list[NamedRange] = field(default_factory=list[NamedRange])
    proposed: list[IPv4Network] = field(default_factory=list[IPv4Network])
    """Prefixes that remedies have proposed, so that no two propose the same."""

    @property
    def space_path(self) -> str:
        return self.request.address_space_path or f"{self.request.path}.addressSpace"

    @property
    def subnets_path(self) -> str:
        return self.request.subnets_path or f"{self.request.path}.subnets"

    def contains(self, network: IPv4Network) -> bool:
        return any(network.subnet_of(one) for one in self.ranges)

    def spoken_for(self) -> list[IPv4Network]:
        """Everything in the network that a new subnet must not overlap, slots included."""
        return [
            *self.slots.values(),
            *self.fixed.values(),
            *(one.network for one in self.occupied),
            *self.proposed,
        ]


@dataclass
class Workspace:
    """The state of one planning run."""

    request: PlanRequest
    findings: Findings
    pools: list[Pool]
    taken: list[IPv4Network] = field(default_factory=list[IPv4Network])
    """Every range in use anywhere, and those that remedies have proposed."""

    def draft(self, vnet: VnetRequest, ranges: tuple[IPv4Network, ...]) -> VnetDraft:
        placed = {} if vnet.existing else slots(vnet.name, self.request.model, ranges)
        return VnetDraft(vnet, ranges, placed)
