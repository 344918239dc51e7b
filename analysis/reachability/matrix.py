"""The matrix: for each pair of endpoints what passes directly, what through proxies, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from analysis.reachability import catalog as catalogs
from analysis.reachability import hosts, policies, services
from analysis.reachability.catalog import Catalog
from analysis.reachability.endpoints import Endpoint, Kind, Listener, Relay, RoutedPath
from analysis.reachability.intervals import EMPTY, Intervals, union
from analysis.reachability.traffic import Flow
from analysis.stack_state import State


@dataclass(frozen=True)
class Passage:
    """A way through proxies: on `services` the first one is spoken to, the last one answers."""

    sources: Intervals
    """Who gets in to the first one; translated addresses, where they are on the way."""
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
    left_out: tuple[str, ...] = ()
    """What the state holds that may lead in and is not followed, each as a sentence."""
    idle: tuple[str, ...] = ()
    """Routes and listeners that lead nowhere, each as a sentence."""

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
    catalog = catalogs.read(State.from_export(exported))
    direct: dict[tuple[str, str], Cell] = {}
    for source in catalog.endpoints:
        for target in catalog.endpoints:
            if _can_speak(source, target):
                verdict = catalog.ways.between(source, target)
                direct[source.name, target.name] = Cell(verdict.allowed, verdict.denied)
    proxies = _Proxies(catalog, direct)
    by_name = {one.name: one for one in catalog.endpoints}
    cells = {
        (source, target): replace(
            cell, passages=_together(proxies.passages(source, by_name[target]))
        )
        if by_name[source].kind.asks
        else cell
        for (source, target), cell in direct.items()
    }
    return Matrix(tuple(catalog.endpoints), cells, tuple(catalog.left_out), tuple(catalog.idle))


def _together(passages: Iterable[Passage]) -> tuple[Passage, ...]:
    """One passage for each chain of proxies, with all hosts and paths that it serves."""
    found: dict[tuple[tuple[str, ...], tuple[str, ...]], Passage] = {}
    for one in passages:
        chain = (one.through, one.inspected_by)
        before = found.get(chain, one)
        found[chain] = replace(
            one,
            sources=before.sources | one.sources,
            services=before.services | one.services,
            reasons=tuple(dict.fromkeys((*before.reasons, *one.reasons))),
        )
    return tuple(found.values())


def _can_speak(source: Endpoint, target: Endpoint) -> bool:
    """What passes between two that stand outside is not this network's affair."""
    return (
        source.sends and bool(target.arrivals) and not (source.kind.outside and target.kind.outside)
    )


@dataclass(frozen=True)
class _Entry:
    """How requests come in to the first proxy."""

    entering: Cell
    listens: Intervals
    inspects: str

    def passage(self, relays: Sequence[Relay], *reasons: str) -> Passage:
        return Passage(
            sources=union(
                flow.sources for flow in self.entering.direct if flow.services & self.listens
            ),
            services=self.entering.services & self.listens,
            through=tuple(relay.endpoint for relay in relays),
            inspected_by=(self.inspects,) if self.inspects else (),
            reasons=reasons,
        )


@dataclass(frozen=True)
class _Proxies:
    """Follows requests through gateway and ingress controllers."""

    catalog: Catalog
    direct: Mapping[tuple[str, str], Cell]

    def passages(self, source: str, target: Endpoint) -> Iterator[Passage]:
        """The ways from a source to a target; a proxy's own connections are direct."""
        for relay in self.catalog.relays:
            if relay.endpoint == source:
                continue
            entering = self.direct[source, relay.endpoint]
            for path in self._onward(relay, target):
                if entering.services & _entries(relay, path):
                    first = _Entry(entering, _entries(relay, path), _inspects(relay, path))
                    yield first.passage([relay], path.title)
            for listener in relay.listeners:
                if entering.services & listener.services:
                    first = _Entry(entering, listener.services, listener.inspects)
                    yield from self._beyond(relay, listener, first, target)

    def _beyond(
        self, relay: Relay, listener: Listener, first: _Entry, target: Endpoint
    ) -> Iterator[Passage]:
        """From the gateway's pool to a controller, and from there to pods."""
        for controller in self.catalog.relays:
            if controller is relay:
                continue
            reached = [
                flow
                for flow in self.direct[relay.endpoint, controller.endpoint].direct
                if listener.targets <= flow.destinations
                and listener.target_services <= flow.services
            ]
            if not reached:
                continue
            if controller.endpoint == target.name:
                yield first.passage([relay], listener.host or "any host", *reached[0].reasons)
            for path in self._onward(controller, target):
                host = hosts.common(listener.host, path.host)
                if host is not None and listener.target_services <= _entries(controller, path):
                    yield first.passage([relay, controller], replace(path, host=host).title)

    def _onward(self, relay: Relay, target: Endpoint) -> Iterator[RoutedPath]:
        """The paths by which a controller leads to a target."""
        for path in self.catalog.paths:
            if path.served_by in relay.serves and self._answers(relay, path, target):
                yield path

    def _answers(self, relay: Relay, path: RoutedPath, target: Endpoint) -> bool:
        """Whether a relay reaches these pods on the port that a path leads to."""
        pod, backend = target.pod, path.backend
        if target.kind is not Kind.PODS or pod is None or not backend.selector:
            return False
        if pod.namespace != path.namespace:
            return False
        if not policies.selected({"matchLabels": backend.selector}, pod.labels):
            return False
        wanted = (
            services.tcp(backend.port)
            if isinstance(backend.port, int)
            else pod.named_ports.get(backend.port, EMPTY)
        )
        passed = self.direct[relay.endpoint, target.name].services
        return bool(wanted) and wanted <= passed


def _entries(relay: Relay, path: RoutedPath) -> Intervals:
    return relay.entries if path.entries is None else path.entries


def _inspects(relay: Relay, path: RoutedPath) -> str:
    return relay.inspects if path.inspects is None else path.inspects
