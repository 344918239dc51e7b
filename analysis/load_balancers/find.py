"""Finds what asks Azure for a load balancer in a state.

Controllers and charts create their Service in the cluster, so a state does not contain it; it
follows from their settings.
"""

from __future__ import annotations

from collections.abc import Iterator

from analysis.load_balancers.charts import RELEASE, of_release
from analysis.load_balancers.gateways import of_gateway
from analysis.load_balancers.ingress_classes import classes_of_workloads
from analysis.load_balancers.load_balancer import PREFIX, LoadBalancer
from analysis.stack_state import Json, State
from support import nested

APP_ROUTING_NAMESPACE = "app-routing-system"
APP_ROUTING_CLASS = "webapprouting.kubernetes.azure.com"
_ADD_ON_SERVICE = {"externalTrafficPolicy": "Local"}
"""Of NGINX's Service (Azure/aks-app-routing-operator, pkg/manifests/nginx.go)."""


def load_balancers(state: State) -> Iterator[LoadBalancer]:
    """All load balancers of a state."""
    yield from _of_nginx_controllers(state)
    yield from _of_default_controller(state)
    yield from _of_services(state)
    for item in state.resources:
        if item.type == RELEASE:
            yield from of_release(item)
    for item in state.kubernetes("Gateway"):
        if (found := of_gateway(state, item)) is not None:
            yield found


def _of_nginx_controllers(state: State) -> Iterator[LoadBalancer]:
    for item in state.kubernetes("NginxIngressController"):
        spec, name = item.mapping("spec"), str(item.mapping("metadata")["name"])
        yield LoadBalancer(
            owner=item,
            name=name,
            namespace=APP_ROUTING_NAMESPACE,
            selector={"app": str(spec.get("controllerNamePrefix") or "nginx")},
            annotations=nested.mapping(spec, "loadBalancerAnnotations"),
            classes=(str(spec.get("ingressClassName") or name),),
            source_ranges=tuple(nested.items(spec, "loadBalancerSourceRanges")),
            service=_ADD_ON_SERVICE,
        )


def _of_default_controller(state: State) -> Iterator[LoadBalancer]:
    """The controller that the application routing add-on creates by itself, unless it is off."""
    for cluster in state.of_type("containerservice:ManagedCluster"):
        add_on = cluster.mapping("ingressProfile", "webAppRouting")
        kind = nested.text(add_on, "nginx", "defaultIngressControllerType")
        if add_on.get("enabled") and kind in {"", "AnnotationControlled", "External", "Internal"}:
            yield LoadBalancer(
                owner=cluster,
                name="default",
                namespace=APP_ROUTING_NAMESPACE,
                selector={"app": "nginx"},
                annotations={f"{PREFIX}-internal": "true"} if kind == "Internal" else {},
                classes=(APP_ROUTING_CLASS,),
                service=_ADD_ON_SERVICE,
            )


def target_of(port: Json) -> int | str:
    """The target port of a Service's port: a number, or the name of a container port."""
    target = port.get("targetPort") or port["port"]
    # Numbers in a state are floats.
    whole = isinstance(target, float) or str(target).isdigit()
    return int(target) if whole else str(target)


def _of_services(state: State) -> Iterator[LoadBalancer]:
    for item in state.kubernetes("Service"):
        spec, metadata = item.mapping("spec"), item.mapping("metadata")
        if spec.get("type") != "LoadBalancer" or spec.get("loadBalancerClass"):
            continue  # a load balancer class belongs to another implementation
        namespace = str(metadata.get("namespace") or "default")
        selector = nested.mapping(spec, "selector")
        ports = {
            (str(row.get("protocol") or "TCP").lower(), int(row["port"])): target_of(row)
            for row in nested.items(spec, "ports")
        }
        yield LoadBalancer(
            owner=item,
            name=str(metadata["name"]),
            namespace=namespace,
            selector=selector,
            annotations=nested.mapping(metadata, "annotations"),
            classes=tuple(classes_of_workloads(state, namespace, selector)),
            ports=tuple(ports),
            target_ports=ports,
            app_protocols={
                (str(row.get("protocol") or "TCP").lower(), int(row["port"])): str(
                    row["appProtocol"]
                )
                for row in nested.items(spec, "ports")
                if row.get("appProtocol")
            },
            source_ranges=tuple(nested.items(spec, "loadBalancerSourceRanges")),
            static_address=str(spec.get("loadBalancerIP") or ""),
            service=spec,
        )
