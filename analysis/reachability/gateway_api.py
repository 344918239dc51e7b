"""The Gateway API: Gateways, their listeners, and the HTTPRoutes that attach to them.

Sources: Gateway API v1, "HTTP routing", "Cross-namespace routing", "ReferenceGrant"; Microsoft
Learn, aks/app-routing-gateway-api, aks/istio-gateway-api: the add-on runs the proxies of a Gateway
as pods in the Gateway's namespace, behind a separate Service.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analysis.load_balancers import GATEWAY_CLASSES, GATEWAY_GROUP, of_gateway
from analysis.reachability import hosts, services
from analysis.reachability.backends import Backend, find_backend
from analysis.reachability.cluster import namespace_labels
from analysis.reachability.controllers import IngressController, behind
from analysis.reachability.endpoints import RoutedPath
from analysis.reachability.intervals import Intervals, union
from analysis.reachability.policies import matches_selector
from analysis.stack_state import Json, Resource, State
from support import nested

_OTHER_ROUTES = ("GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")


@dataclass(frozen=True)
class Listener:
    """A usable listener: its protocol is HTTP, or HTTPS with a certificate."""

    name: str
    port: int
    host: str
    """Empty for any host."""
    allowed: Json
    """Its `allowedRoutes`."""

    @property
    def services(self) -> Intervals:
        return services.tcp(self.port)


@dataclass(frozen=True)
class Gateway:
    """A Gateway object."""

    namespace: str
    name: str
    resource: Resource
    listeners: tuple[Listener, ...]

    @property
    def title(self) -> str:
        return f"Gateway {self.namespace}/{self.name}"

    @property
    def class_name(self) -> str:
        return str(self.spec.get("gatewayClassName") or "")

    @property
    def spec(self) -> Json:
        return self.resource.mapping("spec")

    @property
    def services(self) -> Intervals:
        return union(one.services for one in self.listeners)

    @property
    def uses_existing_service(self) -> bool:
        """Whether it names an existing Service, instead of creating one."""
        return any(row.get("type") == "Hostname" for row in nested.items(self.spec, "addresses"))


@dataclass(frozen=True)
class RouteAttachment:
    """A path of an HTTPRoute that is attached to a listener."""

    gateway: Gateway
    listener: Listener
    route: Resource
    rule: str
    """The rule's name, if it has one."""
    path: RoutedPath


def objects(state: State, kind: str) -> list[Resource]:
    """The objects of a kind in the Gateway API's group; Istio has another kind `Gateway`."""
    return [
        item
        for item in state.kubernetes(kind)
        if str(item.properties.get("apiVersion")).partition("/")[0] == GATEWAY_GROUP
    ]


def gateways(state: State) -> Iterator[Gateway]:
    """All Gateways with their usable listeners."""
    for item in objects(state, "Gateway"):
        metadata, namespace = item.mapping("metadata"), namespace_of(item)
        yield Gateway(
            namespace,
            str(metadata["name"]),
            item,
            tuple(
                Listener(
                    name=str(row["name"]),
                    port=int(row["port"]),
                    host=str(row.get("hostname") or ""),
                    allowed=nested.mapping(row, "allowedRoutes"),
                )
                for row in nested.items(item.mapping("spec"), "listeners")
                if _is_usable(state, namespace, row)
            ),
        )


def namespace_of(item: Resource) -> str:
    return str(item.mapping("metadata").get("namespace") or "default")


def controllers(
    state: State, found: Sequence[Gateway]
) -> Iterator[tuple[Gateway, IngressController]]:
    """The proxies of the Gateways with proxies in the cluster, with their load balancers."""
    for one in found:
        if (load_balancer := of_gateway(state, one.resource)) is not None:
            yield one, behind(load_balancer)


def attachments(state: State, gateway: Gateway) -> Iterator[RouteAttachment]:
    """Every path of every HTTPRoute that a Gateway's listeners accept.

    A redirect has no backend.
    """
    for route in objects(state, "HTTPRoute"):
        spec = route.mapping("spec")
        for listener in gateway.listeners:
            if not _accepts(state, gateway, listener, route):
                continue
            for host in _hosts(listener, route):
                for rule in nested.items(spec, "rules"):
                    for path, namespace, backend in _backend_paths(state, route, rule):
                        routed = RoutedPath(
                            gateway.title, host, path, namespace, backend, listener.services
                        )
                        name = str(rule.get("name") or "")
                        yield RouteAttachment(gateway, listener, route, name, routed)


def inactive(state: State, found: Sequence[Gateway]) -> Iterator[str]:
    """Sentences about unusable listeners, and about routes that no listener accepts."""
    for one in found:
        served = {listener.name for listener in one.listeners}
        for row in nested.items(one.spec, "listeners"):
            if row["name"] not in served:
                what = "does not use HTTP, or has no certificate that it may read"
                yield f"{one.title}: listener {row['name']} {what}."
    for route in objects(state, "HTTPRoute"):
        accepted = any(
            _accepts(state, one, listener, route) and _hosts(listener, route)
            for one in found
            for listener in one.listeners
        )
        if not accepted:
            name = f"{namespace_of(route)}/{route.mapping('metadata')['name']}"
            yield f"HTTPRoute {name}: no listener accepts it."


def _hosts(listener: Listener, route: Resource) -> list[str]:
    """The hosts that both a listener and a route match."""
    wanted = route.mapping("spec").get("hostnames") or [""]
    common = [hosts.common(listener.host, str(host)) for host in wanted]
    return [host for host in common if host is not None]


def skipped(state: State, found: Sequence[Gateway], known: frozenset[str]) -> Iterator[str]:
    """Sentences about Gateways of unknown classes or existing Services, and about other routes."""
    for one in found:
        if one.class_name not in known:
            yield (
                f"{one.title}: class {one.class_name} is not supported; ingress paths through it"
                " are missing."
            )
        elif one.class_name in GATEWAY_CLASSES and one.uses_existing_service:
            yield f"{one.title}: uses an existing Service; ingress paths through it are missing."
    for kind in _OTHER_ROUTES:
        for item in objects(state, kind):
            name = f"{kind} {namespace_of(item)}/{item.mapping('metadata')['name']}"
            yield f"{name}: not supported; ingress paths through it are missing."


def _is_usable(state: State, namespace: str, listener: Json) -> bool:
    """Whether a listener accepts HTTP requests. For TLS it needs a certificate that it may read."""
    if listener.get("protocol") == "HTTP":
        return True
    tls = nested.mapping(listener, "tls")
    if listener.get("protocol") != "HTTPS" or tls.get("mode") == "Passthrough":
        return False
    references = nested.items(tls, "certificateRefs")
    if not references:
        # The implementation's own option, such as a certificate from a key vault.
        return bool(tls.get("options"))
    return any(
        _granted(state, ("Gateway", namespace), str(row.get("kind") or "Secret"), row)
        for row in references
    )


def _granted(state: State, source: tuple[str, str], kind: str, target: Json) -> bool:
    """Whether an object (kind, namespace) may refer to a target in another namespace."""
    namespace = target.get("namespace") or source[1]
    if namespace == source[1]:
        return True
    return any(
        namespace_of(grant) == namespace
        and any(
            (row.get("group"), row.get("kind"), row.get("namespace")) == (GATEWAY_GROUP, *source)
            for row in nested.items(grant.mapping("spec"), "from")
        )
        and any(
            row.get("kind") == kind and row.get("name") in {None, "", target.get("name")}
            for row in nested.items(grant.mapping("spec"), "to")
        )
        for grant in objects(state, "ReferenceGrant")
    )


def _accepts(state: State, gateway: Gateway, listener: Listener, route: Resource) -> bool:
    """Whether a route refers to a listener, and the listener accepts routes of its namespace."""
    namespace = namespace_of(route)
    refers = any(
        (parent.get("kind") or "Gateway") == "Gateway"
        and (parent.get("namespace") or namespace, parent.get("name"))
        == (gateway.namespace, gateway.name)
        and parent.get("sectionName") in {None, "", listener.name}
        and parent.get("port") in {None, listener.port}
        for parent in nested.items(route.mapping("spec"), "parentRefs")
    )
    kinds = {str(row.get("kind")) for row in nested.items(listener.allowed, "kinds")} or {
        "HTTPRoute"
    }
    if not refers or "HTTPRoute" not in kinds:
        return False
    namespaces = nested.mapping(listener.allowed, "namespaces")
    match namespaces.get("from") or "Same":
        case "All":
            return True
        case "Selector":
            return matches_selector(namespaces.get("selector"), namespace_labels(state, namespace))
        case "Same":
            return namespace == gateway.namespace
        case _:
            return False


def _backend_paths(state: State, route: Resource, rule: Json) -> Iterator[tuple[str, str, Backend]]:
    """The paths of a rule, each with its backend and the backend's namespace."""
    if any(row.get("type") == "RequestRedirect" for row in nested.items(rule, "filters")):
        return
    matches: list[Json] = nested.items(rule, "matches") or [{}]
    paths = dict.fromkeys(str(nested.mapping(row, "path").get("value") or "/") for row in matches)
    for namespace, backend in _backends(state, route, rule):
        for path in paths:
            yield path, namespace, backend


def _backends(state: State, route: Resource, rule: Json) -> Iterator[tuple[str, Backend]]:
    """The backends of a rule, with their namespaces."""
    own = namespace_of(route)
    for row in nested.items(rule, "backendRefs"):
        kind = str(row.get("kind") or "Service")
        if kind != "Service" or row.get("weight") == 0:
            continue
        if _granted(state, ("HTTPRoute", own), kind, row):
            namespace = str(row.get("namespace") or own)
            found = find_backend(state, namespace, str(row["name"]), row.get("port"))
            if found is not None:
                yield namespace, found
