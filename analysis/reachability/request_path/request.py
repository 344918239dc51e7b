"""A request to a host and path of an application, and what it passes through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from analysis.load_balancers import LoadBalancer, load_balancers
from analysis.reachability import catalog as catalogs
from analysis.reachability import policies, services
from analysis.reachability.addresses import service_tag
from analysis.reachability.catalog import Catalog
from analysis.reachability.endpoints import Endpoint, Kind, RoutedPath
from analysis.reachability.intervals import union
from analysis.reachability.matrix import Matrix
from analysis.stack_state import Resource, State

FRONT_DOOR = "AzureFrontDoor.Backend"
"""The service tag of the addresses from which Azure Front Door connects."""


class Outcome(StrEnum):
    """What a step does to a request."""

    PASSES = "ok"
    TO_DO = "to do"
    """It passes once somebody has done what the step says, outside the stack."""
    NOTE = "note"
    """It passes, and the step says what is worth knowing."""
    BREAKS = "BREAKS"


@dataclass(frozen=True)
class Step:
    """A step of a request, and what becomes of it there."""

    name: str
    outcome: Outcome
    detail: str
    """What passes, what to do, or what breaks and the remedy."""


@dataclass(frozen=True)
class Request:
    """A request for a host and path, with everything between the client and the pods."""

    state: State
    matrix: Matrix
    route: RoutedPath
    target: Endpoint
    gateway: Resource | None
    """The Application Gateway in front, which may be the controller itself (AGIC)."""
    gateway_endpoint: str
    """The gateway's or the traffic controller's row in the matrix; empty without one."""
    traffic_controller: Resource | None
    """The Application Gateway for Containers in front."""
    load_balancer: LoadBalancer | None
    """The load balancer of the ingress controller; None if a gateway connects to the pods."""
    controller_endpoint: str
    """The ingress controller's row in the matrix; empty without one."""

    @property
    def host(self) -> str:
        return self.route.host

    @property
    def title(self) -> str:
        return f"https://{self.host or '<host>'}{self.route.path}"

    @property
    def entry(self) -> str:
        """The row of what the client connects to."""
        return self.gateway_endpoint or self.controller_endpoint

    @property
    def only_front_door(self) -> bool:
        """Whether only addresses of Azure Front Door may connect to the entry."""
        if not self.entry:
            return False
        flows = self.matrix.between("Internet", self.entry).direct
        sources = union(flow.sources for flow in flows if flow.services & services.tcp(443))
        return bool(sources) and sources <= service_tag(FRONT_DOOR)

    @property
    def last_proxy(self) -> str:
        """The row of what connects to the pods."""
        return self.controller_endpoint or self.gateway_endpoint


def requests(state: State, matrix: Matrix, target: str) -> Iterator[Request]:
    """The requests that routes lead to a target: a row of pods, or a whole namespace of them."""
    catalog = catalogs.read(state)
    for endpoint in matrix.of_kind(Kind.PODS):
        if target not in {endpoint.name, endpoint.name.partition("/")[0]}:
            continue
        for route in catalog.routes:
            if _leads_to(route, endpoint):
                yield _request(state, matrix, catalog, route, endpoint)


def _leads_to(route: RoutedPath, endpoint: Endpoint) -> bool:
    pod, selector = endpoint.pod, route.backend.selector
    return (
        pod is not None
        and bool(selector)
        and pod.namespace == route.namespace
        and policies.matches_selector({"matchLabels": selector}, pod.labels)
    )


def _request(
    state: State, matrix: Matrix, catalog: Catalog, route: RoutedPath, target: Endpoint
) -> Request:
    serving = [proxy for proxy in catalog.proxies if route.served_by in proxy.serves]
    proxy = serving[0].endpoint if serving else ""
    balancer = next((one for one in load_balancers(state) if route.served_by in one.classes), None)
    controllers = {one.name for one in matrix.of_kind(Kind.CONTROLLER)}
    gateway_endpoint = proxy if proxy and proxy not in controllers else ""
    if balancer is not None and not balancer.public and balancer.address:
        gateway_endpoint = _in_front(state, balancer.address)
    return Request(
        state=state,
        matrix=matrix,
        route=route,
        target=target,
        gateway=_named(state.of_type("network:ApplicationGateway"), gateway_endpoint),
        gateway_endpoint=gateway_endpoint,
        traffic_controller=_named(
            state.of_type("servicenetworking:TrafficControllerInterface"), gateway_endpoint
        ),
        load_balancer=balancer,
        controller_endpoint=proxy if proxy in controllers else "",
    )


def _in_front(state: State, address: str) -> str:
    """The row of the Application Gateway with a load balancer's address in a backend pool."""
    gateways = state.of_type("network:ApplicationGateway")
    for item in gateways:
        backends = (
            str(row.get("ipAddress") or "")
            for pool in item.items("backendAddressPools")
            for row in pool.get("backendAddresses") or ()
        )
        if address in backends:
            title = "Application Gateway"
            return title if len(gateways) == 1 else f"{title} {item.name}"
    return ""


def _named(resources: tuple[Resource, ...], endpoint: str) -> Resource | None:
    """The resource of a row, which has the resource's name if there is more than one."""
    title = {
        "network:ApplicationGateway": "Application Gateway",
        "servicenetworking:TrafficControllerInterface": "Application Gateway for Containers",
    }
    for item in resources:
        if endpoint in {title[item.token], f"{title[item.token]} {item.name}"}:
            return item
    return None
