"""The Gateway API: Gateways, their listeners, and the HTTPRoutes that are attached to them.

Sources: Gateway API v1, "HTTP routing", "Cross-namespace routing", "ReferenceGrant"; Microsoft
Learn, aks/app-routing-gateway-api, aks/istio-gateway-api: the add-on runs a Gateway's proxies as
pods in the Gateway's own namespace, behind a Service of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analysis.reachability import hosts, services
from analysis.reachability.backends import Backend, behind
from analysis.reachability.cluster import namespace_labels
from analysis.reachability.endpoints import RoutedPath
from analysis.reachability.ingress import Controller, at_load_balancer
from analysis.reachability.intervals import Intervals, union
from analysis.reachability.policies import selected
from analysis.stack_state import Json, Resource, State
from support import nested

GROUP = "gateway.networking.k8s.io"
IN_CLUSTER = frozenset({"approuting-istio", "istio"})
"""Classes whose proxies are pods beside their Gateway: of application routing and of Istio."""

_STATUS_PORT = 15021
"""The proxies' health, which their Service has besides the listeners' ports."""
_NAME_LABEL = "gateway.networking.k8s.io/gateway-name"
_OTHER_ROUTES = ("GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")


@dataclass(frozen=True)
class Listener:
    """A listener that can be served: it speaks HTTP, or HTTPS with a certificate."""

    name: str
    port: int
    host: str
    """Empty for every host."""
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
    def entries(self) -> Intervals:
        return union(one.services for one in self.listeners)

    @property
    def at_another_service(self) -> bool:
        """Whether it names a Service that someone else made, instead of having one of its own."""
        return any(row.get("type") == "Hostname" for row in nested.items(self.spec, "addresses"))


@dataclass(frozen=True)
class Attachment:
    """A path of an HTTPRoute at a listener."""

    gateway: Gateway
    listener: Listener
    route: Resource
    rule: str
    """The rule's name, if it has one."""
    path: RoutedPath


def objects(state: State, kind: str) -> list[Resource]:
    """The Gateway API's objects of a kind; Istio has a kind `Gateway` of its own."""
    return [
        item
        for item in state.kubernetes(kind)
        if str(item.properties.get("apiVersion")).partition("/")[0] == GROUP
    ]


def gateways(state: State) -> Iterator[Gateway]:
    """All Gateways, with the listeners that can be served."""
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
                if _served(state, namespace, row)
            ),
        )


def namespace_of(item: Resource) -> str:
    return str(item.mapping("metadata").get("namespace") or "default")


def controllers(found: Sequence[Gateway]) -> Iterator[tuple[Gateway, Controller]]:
    """The proxies of Gateways that are their own controllers, behind their load balancers."""
    for one in found:
        if one.class_name in IN_CLUSTER and not one.at_another_service:
            infrastructure = nested.mapping(one.spec, "infrastructure")
            ports = {int(row["port"]) for row in nested.items(one.spec, "listeners")}
            yield (
                one,
                at_load_balancer(
                    name=one.name,
                    classes=[one.title],
                    namespace=one.namespace,
                    labels={**nested.mapping(infrastructure, "labels"), _NAME_LABEL: one.name},
                    annotations=nested.mapping(infrastructure, "annotations"),
                    ports=sorted({_STATUS_PORT, *ports}),
                    address=_address(one),
                ),
            )


def _address(gateway: Gateway) -> str:
    """The address that a Gateway asks its load balancer for."""
    for row in nested.items(gateway.spec, "addresses"):
        if (row.get("type") or "IPAddress") == "IPAddress":
            return str(row.get("value") or "")
    return ""


def attachments(state: State, gateway: Gateway) -> Iterator[Attachment]:
    """Every path of every HTTPRoute that a Gateway's listeners accept.

    A rule that redirects leads to nobody by itself.
    """
    for route in objects(state, "HTTPRoute"):
        spec = route.mapping("spec")
        for listener in gateway.listeners:
            if not _attached(state, gateway, listener, route):
                continue
            for host in _hosts(listener, route):
                for rule in nested.items(spec, "rules"):
                    for path, namespace, backend in _leads(state, route, rule):
                        routed = RoutedPath(
                            gateway.title, host, path, namespace, backend, listener.services
                        )
                        name = str(rule.get("name") or "")
                        yield Attachment(gateway, listener, route, name, routed)


def idle(state: State, found: Sequence[Gateway]) -> Iterator[str]:
    """Listeners that serve nobody, and routes that no listener takes."""
    for one in found:
        served = {listener.name for listener in one.listeners}
        for row in nested.items(one.spec, "listeners"):
            if row["name"] not in served:
                what = "does not speak HTTP, or has no certificate that it may read"
                yield f"{one.title}: the listener {row['name']} {what}."
    for route in objects(state, "HTTPRoute"):
        taken = any(
            _attached(state, one, listener, route) and _hosts(listener, route)
            for one in found
            for listener in one.listeners
        )
        if not taken:
            name = f"{namespace_of(route)}/{route.mapping('metadata')['name']}"
            yield f"HTTPRoute {name}: no listener takes it."


def _hosts(listener: Listener, route: Resource) -> list[str]:
    """What the hosts of a listener and a route have in common."""
    wanted = route.mapping("spec").get("hostnames") or [""]
    common = [hosts.common(listener.host, str(host)) for host in wanted]
    return [host for host in common if host is not None]


def left_out(state: State, found: Sequence[Gateway], known: frozenset[str]) -> Iterator[str]:
    """Gateways of no known class or at someone else's Service, and routes of other kinds."""
    for one in found:
        if one.class_name not in known:
            yield (
                f"{one.title} is of the class {one.class_name}, which is not known here: ways in"
                " by it are missing."
            )
        elif one.class_name in IN_CLUSTER and one.at_another_service:
            yield f"{one.title} stands at another Service: ways in by it are missing here."
    for kind in _OTHER_ROUTES:
        for item in objects(state, kind):
            name = f"{kind} {namespace_of(item)}/{item.mapping('metadata')['name']}"
            yield f"{name} is not followed: ways in by it are missing here."


def _served(state: State, namespace: str, listener: Json) -> bool:
    """Whether a listener takes HTTP requests: one with TLS needs a certificate that it may read."""
    if listener.get("protocol") == "HTTP":
        return True
    tls = nested.mapping(listener, "tls")
    if listener.get("protocol") != "HTTPS" or tls.get("mode") == "Passthrough":
        return False
    references = nested.items(tls, "certificateRefs")
    if not references:
        # The implementation's own way, such as application routing's from a key vault.
        return bool(tls.get("options"))
    return any(
        _granted(state, ("Gateway", namespace), str(row.get("kind") or "Secret"), row)
        for row in references
    )


def _granted(state: State, source: tuple[str, str], kind: str, target: Json) -> bool:
    """Whether an object, by kind and namespace, may refer to a target, perhaps in another one."""
    namespace = target.get("namespace") or source[1]
    if namespace == source[1]:
        return True
    return any(
        namespace_of(grant) == namespace
        and any(
            (row.get("group"), row.get("kind"), row.get("namespace")) == (GROUP, *source)
            for row in nested.items(grant.mapping("spec"), "from")
        )
        and any(
            row.get("kind") == kind and row.get("name") in {None, "", target.get("name")}
            for row in nested.items(grant.mapping("spec"), "to")
        )
        for grant in objects(state, "ReferenceGrant")
    )


def _attached(state: State, gateway: Gateway, listener: Listener, route: Resource) -> bool:
    """Whether a route asks for a listener, and the listener takes routes of its namespace."""
    namespace = namespace_of(route)
    asked = any(
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
    if not asked or "HTTPRoute" not in kinds:
        return False
    namespaces = nested.mapping(listener.allowed, "namespaces")
    match namespaces.get("from") or "Same":
        case "All":
            return True
        case "Selector":
            return selected(namespaces.get("selector"), namespace_labels(state, namespace))
        case "Same":
            return namespace == gateway.namespace
        case _:
            return False


def _leads(state: State, route: Resource, rule: Json) -> Iterator[tuple[str, str, Backend]]:
    """The paths of a rule, each with the pods behind it and their namespace."""
    if any(row.get("type") == "RequestRedirect" for row in nested.items(rule, "filters")):
        return
    matches: list[Json] = nested.items(rule, "matches") or [{}]
    paths = dict.fromkeys(str(nested.mapping(row, "path").get("value") or "/") for row in matches)
    for namespace, backend in _backends(state, route, rule):
        for path in paths:
            yield path, namespace, backend


def _backends(state: State, route: Resource, rule: Json) -> Iterator[tuple[str, Backend]]:
    """The Services of a rule that requests are sent to, followed to their pods."""
    own = namespace_of(route)
    for row in nested.items(rule, "backendRefs"):
        kind = str(row.get("kind") or "Service")
        if kind != "Service" or row.get("weight") == 0:
            continue
        if _granted(state, ("HTTPRoute", own), kind, row):
            namespace = str(row.get("namespace") or own)
            found = behind(state, namespace, str(row["name"]), row.get("port"))
            if found is not None:
                yield namespace, found
