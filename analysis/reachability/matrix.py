"""The reachability matrix: direct and proxied traffic for each pair of endpoints, with reasons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from analysis.reachability import catalog as catalogs
from analysis.reachability import hosts, policies, services
from analysis.reachability.catalog import Catalog
from analysis.reachability.endpoints import Endpoint, Kind, Proxy, ProxyListener, RoutedPath
from analysis.reachability.intervals import EMPTY, Intervals, union
from analysis.reachability.traffic import Flow
from analysis.stack_state import State


@dataclass(frozen=True)
class ProxiedPath:
    """A path through proxies: the client connects to the first, the last connects to the target."""

    sources: Intervals
    """Sources that reach the first proxy, after translation of their addresses."""
    services: Intervals
    """Services of the first proxy that the client uses."""
    proxies: tuple[str, ...]
    waf_policies: tuple[str, ...]
    """Web application firewall policies in prevention mode on the path."""
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """Traffic from one endpoint to another."""

    direct: tuple[Flow, ...] = ()
    denied: tuple[Flow, ...] = ()
    proxied: tuple[ProxiedPath, ...] = ()

    @property
    def services(self) -> Intervals:
        """Services that at least some addresses of the source reach directly."""
        return union(flow.services for flow in self.direct)

    @property
    def is_reachable(self) -> bool:
        return bool(self.direct or self.proxied)


@dataclass(frozen=True)
class Matrix:
    """All endpoints in order, and the cell of each pair with possible traffic."""

    endpoints: tuple[Endpoint, ...]
    cells: Mapping[tuple[str, str], Cell]
    """By the names of source and target."""
    skipped: tuple[str, ...] = ()
    """Sentences about objects that may open an ingress path but are not analysed."""
    inactive: tuple[str, ...] = ()
    """Sentences about routes and listeners that serve no traffic."""

    @property
    def sources(self) -> tuple[Endpoint, ...]:
        return tuple(one for one in self.endpoints if one.sends)

    @property
    def targets(self) -> tuple[Endpoint, ...]:
        return tuple(one for one in self.endpoints if one.destinations)

    def between(self, source: str, target: str) -> Cell:
        """The cell of a pair. Raises KeyError for names that are not in the matrix."""
        return self.cells[source, target]

    def of_kind(self, kind: Kind) -> tuple[Endpoint, ...]:
        return tuple(one for one in self.endpoints if one.kind is kind)


def compute(exported: Sequence[Mapping[str, Any]]) -> Matrix:
    """The matrix of a stack, from `deployment.resources` of `pulumi stack export`.

    Raises ValueError if the state contains no deployed cluster, or something that is not supported.
    """
    catalog = catalogs.read(State.from_export(exported))
    direct: dict[tuple[str, str], Cell] = {}
    for source in catalog.endpoints:
        for target in catalog.endpoints:
            if _has_cell(source, target):
                verdict = catalog.evaluator.evaluate(source, target)
                direct[source.name, target.name] = Cell(verdict.allowed, verdict.denied)
    requests = _Requests(catalog, direct)
    by_name = {one.name: one for one in catalog.endpoints}
    cells = {
        (source, target): replace(cell, proxied=_merged(requests.paths(source, by_name[target])))
        if by_name[source].kind.is_client
        else cell
        for (source, target), cell in direct.items()
    }
    return Matrix(tuple(catalog.endpoints), cells, tuple(catalog.skipped), tuple(catalog.inactive))


def _merged(paths: Iterable[ProxiedPath]) -> tuple[ProxiedPath, ...]:
    """One path for each chain of proxies, with all hosts and paths that it serves."""
    found: dict[tuple[tuple[str, ...], tuple[str, ...]], ProxiedPath] = {}
    for one in paths:
        chain = (one.proxies, one.waf_policies)
        before = found.get(chain, one)
        found[chain] = replace(
            one,
            sources=before.sources | one.sources,
            services=before.services | one.services,
            reasons=tuple(dict.fromkeys((*before.reasons, *one.reasons))),
        )
    return tuple(found.values())


def _has_cell(source: Endpoint, target: Endpoint) -> bool:
    """Traffic between two endpoints outside the network is not analysed."""
    both_outside = source.kind.outside and target.kind.outside
    return source.sends and bool(target.destinations) and not both_outside


@dataclass(frozen=True)
class _FirstHop:
    """The connection of a client to the first proxy."""

    cell: Cell
    services: Intervals
    """Services of the listener, or of the listeners of a route."""
    waf_policy: str

    def path(self, proxies: Sequence[Proxy], *reasons: str) -> ProxiedPath:
        return ProxiedPath(
            sources=union(
                flow.sources for flow in self.cell.direct if flow.services & self.services
            ),
            services=self.cell.services & self.services,
            proxies=tuple(proxy.endpoint for proxy in proxies),
            waf_policies=(self.waf_policy,) if self.waf_policy else (),
            reasons=reasons,
        )


@dataclass(frozen=True)
class _Requests:
    """Follows requests through gateways and ingress controllers."""

    catalog: Catalog
    direct: Mapping[tuple[str, str], Cell]

    def paths(self, source: str, target: Endpoint) -> Iterator[ProxiedPath]:
        """The proxied paths from a source to a target; a proxy's own connections are direct."""
        for proxy in self.catalog.proxies:
            if proxy.endpoint == source:
                continue
            cell = self.direct[source, proxy.endpoint]
            for route in self._routes(proxy, target):
                if cell.services & _services(proxy, route):
                    first = _FirstHop(cell, _services(proxy, route), _waf_policy(proxy, route))
                    yield first.path([proxy], route.title)
            for listener in proxy.listeners:
                if cell.services & listener.services:
                    first = _FirstHop(cell, listener.services, listener.waf_policy)
                    yield from self._beyond(proxy, listener, first, target)

    def _beyond(
        self, gateway: Proxy, listener: ProxyListener, first: _FirstHop, target: Endpoint
    ) -> Iterator[ProxiedPath]:
        """From the backends of a gateway to an ingress controller, and from there to pods."""
        for controller in self.catalog.proxies:
            if controller is gateway:
                continue
            flows = [
                flow
                for flow in self.direct[gateway.endpoint, controller.endpoint].direct
                if listener.backend_addresses <= flow.destinations
                and listener.backend_services <= flow.services
            ]
            if not flows:
                continue
            if controller.endpoint == target.name:
                yield first.path([gateway], listener.host or "any host", *flows[0].reasons)
            for route in self._routes(controller, target):
                host = hosts.common(listener.host, route.host)
                if host is not None and listener.backend_services <= _services(controller, route):
                    yield first.path([gateway, controller], replace(route, host=host).title)

    def _routes(self, proxy: Proxy, target: Endpoint) -> Iterator[RoutedPath]:
        """The routes by which a proxy forwards requests to a target."""
        for route in self.catalog.routes:
            if route.served_by in proxy.serves and self._leads_to(proxy, route, target):
                yield route

    def _leads_to(self, proxy: Proxy, route: RoutedPath, target: Endpoint) -> bool:
        """Whether a route selects these pods, and the proxy reaches them on the backend's port."""
        pod, backend = target.pod, route.backend
        if target.kind is not Kind.PODS or pod is None or not backend.selector:
            return False
        if pod.namespace != route.namespace:
            return False
        if not policies.matches_selector({"matchLabels": backend.selector}, pod.labels):
            return False
        wanted = (
            services.tcp(backend.port)
            if isinstance(backend.port, int)
            else pod.named_ports.get(backend.port, EMPTY)
        )
        return bool(wanted) and wanted <= self.direct[proxy.endpoint, target.name].services


def _services(proxy: Proxy, route: RoutedPath) -> Intervals:
    return proxy.services if route.services is None else route.services


def _waf_policy(proxy: Proxy, route: RoutedPath) -> str:
    return proxy.waf_policy if route.waf_policy is None else route.waf_policy
