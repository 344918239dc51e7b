"""The matrix: for each pair of endpoints what passes directly, what through proxies, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reachability import catalog as catalogs
from reachability import ingress, policies, services
from reachability.catalog import Catalog
from reachability.endpoints import Endpoint, IngressPath, Kind, Relay
from reachability.intervals import EMPTY, Intervals, union
from reachability.state import State
from reachability.traffic import Flow


@dataclass(frozen=True)
class Passage:
    """A way through proxies: on `services` the first one is spoken to, the last one answers."""

    services: Intervals
    through: tuple[str, ...]
    inspected_by: tuple[str, ...]
    """Web application firewall policies in prevention mode on the way."""
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """What passes from one endpoint to another."""

    direct: tuple[Flow, ...] = ()
    denied: tuple[Flow, ...] = ()
    passages: tuple[Passage, ...] = ()

    @property
    def services(self) -> Intervals:
        """All that passes directly, from some address of the source at least."""
        return union(flow.services for flow in self.direct)

    @property
    def relayed(self) -> Intervals:
        """What the first proxy is spoken to on."""
        return union(passage.services for passage in self.passages)

    @property
    def reached(self) -> bool:
        return bool(self.direct or self.passages)


@dataclass(frozen=True)
class Matrix:
    """All endpoints, in order, and the cell of each pair that can speak."""

    endpoints: tuple[Endpoint, ...]
    cells: Mapping[tuple[str, str], Cell]

    @property
    def sources(self) -> tuple[Endpoint, ...]:
        return tuple(one for one in self.endpoints if one.sends)

    @property
    def targets(self) -> tuple[Endpoint, ...]:
        return tuple(one for one in self.endpoints if one.arrivals)

    def between(self, source: str, target: str) -> Cell:
        """The cell of a pair. Raises KeyError for names that are not in the matrix."""
        return self.cells[source, target]

    def of_kind(self, kind: Kind) -> tuple[Endpoint, ...]:
        return tuple(one for one in self.endpoints if one.kind is kind)


def compute(exported: Sequence[Mapping[str, Any]]) -> Matrix:
    """The matrix of a stack, from `deployment.resources` of `pulumi stack export`.

    Raises ValueError for a state that holds no deployed cluster, or what can't be analysed.
    """
    catalog = catalogs.read(State.of(exported))
    direct: dict[tuple[str, str], Cell] = {}
    for source in catalog.endpoints:
        for target in catalog.endpoints:
            if _can_speak(source, target):
                verdict = catalog.ways.between(source, target)
                direct[source.name, target.name] = Cell(verdict.allowed, verdict.denied)
    proxies = _Proxies(catalog, direct)
    by_name = {one.name: one for one in catalog.endpoints}
    cells = {
        pair: Cell(cell.direct, cell.denied, _together(proxies.passages(*pair)))
        if by_name[pair[0]].kind.asks
        else cell
        for pair, cell in direct.items()
    }
    return Matrix(tuple(catalog.endpoints), cells)


def _together(passages: Iterable[Passage]) -> tuple[Passage, ...]:
    """One passage for each chain of proxies, with all hosts and paths that it serves."""
    found: dict[tuple[tuple[str, ...], tuple[str, ...]], Passage] = {}
    for one in passages:
        chain = (one.through, one.inspected_by)
        before = found.get(chain, Passage(EMPTY, *chain, ()))
        reasons = tuple(dict.fromkeys((*before.reasons, *one.reasons)))
        found[chain] = Passage(before.services | one.services, *chain, reasons)
    return tuple(found.values())


def _can_speak(source: Endpoint, target: Endpoint) -> bool:
    """What passes between two that stand outside is not this network's affair."""
    return (
        source.sends and bool(target.arrivals) and not (source.kind.outside and target.kind.outside)
    )


@dataclass(frozen=True)
class _Proxies:
    """Follows requests through gateway and ingress controllers."""

    catalog: Catalog
    direct: Mapping[tuple[str, str], Cell]

    def passages(self, source: str, target: str) -> Iterator[Passage]:
        """The ways from a source to a target; a proxy's own connections are direct."""
        for relay in self.catalog.relays:
            if relay.endpoint == source:
                continue
            entries = self._services(source, relay.endpoint)
            for listens, host, last in self._onward(relay, EMPTY):
                if last == target and entries & listens:
                    yield self._passage([relay], entries & listens, host)
            for listener in relay.listeners:
                entered = entries & listener.services
                if entered:
                    yield from self._beyond(relay, listener.host, entered, target, listener)

    def _services(self, source: str, target: str) -> Intervals:
        return self.direct[source, target].services

    def _beyond(
        self, relay: Relay, host: str, entered: Intervals, target: str, listener: Any
    ) -> Iterator[Passage]:
        """From the gateway's pool to a controller, and from there to pods."""
        for controller in self.catalog.relays:
            reached = [
                flow
                for flow in self.direct[relay.endpoint, controller.endpoint].direct
                if listener.targets <= flow.destinations
                and listener.target_services <= flow.services
            ]
            if controller is relay or not reached:
                continue
            if controller.endpoint == target:
                yield self._passage([relay], entered, host or "any host", *reached[0].reasons)
            for _, path, last in self._onward(controller, listener.target_services):
                if last == target and ingress.covers(host, path.split("/", 1)[0]):
                    yield self._passage([relay, controller], entered, path)

    def _onward(self, relay: Relay, services_in: Intervals) -> Iterator[tuple[Intervals, str, str]]:
        """Entries of a controller, host and path, and the pods that they lead to."""
        entries = relay.entries
        if services_in and not services_in <= entries:
            return
        for path in self.catalog.paths:
            if path.ingress_class not in relay.classes:
                continue
            for target in self.catalog.endpoints:
                if self._answers(relay, path, target):
                    yield entries, f"{path.host or 'any host'}{path.path}", target.name

    def _answers(self, relay: Relay, path: IngressPath, target: Endpoint) -> bool:
        """Whether a relay reaches these pods on the port that a path leads to."""
        pod = target.pod
        if target.kind is not Kind.PODS or pod is None or not path.selector:
            return False
        if pod.namespace != path.namespace:
            return False
        if not policies.selected({"matchLabels": path.selector}, pod.labels):
            return False
        wanted = (
            services.tcp(path.target)
            if isinstance(path.target, int)
            else pod.named_ports.get(path.target, EMPTY)
        )
        passed = self.direct[relay.endpoint, target.name].services
        return bool(wanted) and wanted <= passed

    @staticmethod
    def _passage(relays: Sequence[Relay], entered: Intervals, *reasons: str) -> Passage:
        return Passage(
            entered,
            tuple(relay.endpoint for relay in relays),
            tuple(relay.inspects for relay in relays if relay.inspects),
            reasons,
        )
