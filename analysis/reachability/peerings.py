"""Peerings: which networks they connect, and which addresses they route.

Source: Microsoft Learn, "Virtual network peering".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from analysis.reachability.addresses import networks
from analysis.reachability.intervals import EMPTY, Intervals
from analysis.reachability.traffic import Flow, Verdict, first_match, rule_for_any_service
from analysis.stack_state import Resource, State, reference


@dataclass(frozen=True)
class Peering:
    """One direction of a peering."""

    name: str
    local: str
    remote: str
    state: str
    remote_addresses: Intervals
    """The remote address space at the last sync of the peering: only this is routed."""
    allow_access: bool
    allow_gateway_transit: bool
    use_remote_gateways: bool
    allow_forwarded: bool


@dataclass(frozen=True)
class Peerings:
    """The peerings of all networks."""

    sides: tuple[Peering, ...]
    spaces: Mapping[str, Intervals]
    """Address spaces of the networks in the state, by key."""

    def between(self, local: str, remote: str) -> Peering | None:
        """The local side of a connected peering, or None.

        The state of the side that was created first stays `Initiated`, although Azure connects it
        when the other side is created. So neither side in the state may be `Disconnected`, and a
        network that is not in the state is assumed to have its side. That network's direction
        follows from this side.
        """
        sides = {(one.local, one.remote): one for one in self.sides}
        here, there = sides.get((local, remote)), sides.get((remote, local))
        if local not in self.spaces:
            here = there
        if here is None:
            return None
        if not {local, remote} <= set(self.spaces):
            return here if here.state != "Disconnected" else None
        connected = there is not None and "Disconnected" not in {here.state, there.state}
        return here if connected else None

    def of(self, local: str) -> Iterator[Peering]:
        """The local sides of the connected peerings of a network."""
        for one in self.sides:
            if one.local == local and self.between(local, one.remote):
                yield one

    def hubs(self) -> Iterator[Peering]:
        """The peerings to networks that are not in the state: hubs of other teams."""
        for name in self.spaces:
            yield from (one for one in self.of(name) if one.remote not in self.spaces)

    def evaluate(self, local: str, remote: str, reason: str, flow: Flow) -> Verdict:
        """Split a flow: a peering routes the address spaces that both had at its last sync."""
        local_unsynced, remote_unsynced = self._unsynced(local, remote)
        unsynced = f"{reason} is not in sync with a changed address space"
        rules = [
            rule_for_any_service(unsynced, allow=False, sources=local_unsynced),
            rule_for_any_service(unsynced, allow=False, destinations=remote_unsynced),
            rule_for_any_service(reason, allow=True),
        ]
        return first_match(rules, flow)

    def _unsynced(self, local: str, remote: str) -> tuple[Intervals, Intervals]:
        """Ranges of the local and the remote network that the peering does not route yet.

        Azure routes to a range that was added later only after the other network's peering is
        synced (virtual-network/update-virtual-network-peering-address-space).
        """
        if not {local, remote} <= set(self.spaces):
            return EMPTY, EMPTY
        here, there = self.between(local, remote), self.between(remote, local)
        local_space = self.spaces.get(local, EMPTY)
        remote_space = self.spaces.get(remote, EMPTY)
        return (
            local_space - there.remote_addresses if there else EMPTY,
            remote_space - here.remote_addresses if here else EMPTY,
        )


def from_state(state: State, spaces: Mapping[str, Intervals]) -> Peerings:
    """The peerings of a state. `spaces` are the address spaces of its networks, by key."""
    found = state.of_type("network:VirtualNetworkPeering")
    return Peerings(tuple(_peering(item) for item in found), spaces)


def _peering(item: Resource) -> Peering:
    of = item.properties
    remote = item.mapping("remoteAddressSpace") or item.mapping("remoteVirtualNetworkAddressSpace")
    return Peering(
        name=item.name,
        local=item.key.partition("/virtualnetworkpeerings/")[0],
        remote=reference(of, "remoteVirtualNetwork"),
        state=str(of.get("peeringState") or ""),
        remote_addresses=networks(remote.get("addressPrefixes") or ()),
        allow_access=of.get("allowVirtualNetworkAccess") is not False,
        allow_gateway_transit=bool(of.get("allowGatewayTransit")),
        use_remote_gateways=bool(of.get("useRemoteGateways")),
        allow_forwarded=bool(of.get("allowForwardedTraffic")),
    )
