"""Rules between the ingress controller, the network, the cluster and the applications."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from components.addressing import AddressPlan, NetworkModel, SubnetKey
from components.problems import Problem
from components.settings import gateway_api_rules
from components.settings.certificate_rules import SET_A_CERTIFICATE
from components.settings.cluster import ClusterSettings
from components.settings.ingress import (
    AGC,
    BY_CHART,
    DRIVES_A_GATEWAY,
    IngressSettings,
)
from components.settings.kubernetes import Application, KubernetesSettings
from components.settings.network import NetworkSettings
from components.settings.partial import skips_unreadable
from components.settings.paths import APP_ROUTING, APPLICATIONS, INGRESS

_LARGEST_OVERLAY_SUBNET = 24
"""With pods on an overlay, a gateway that connects to them has a subnet of at most this size
(ingress-controller-overview, "Container networking and AGIC"; for-containers/container-networking,
which requires exactly this size)."""

_SHORTENED_LISTENER = 12
"""The beginning of a host and a digest."""
_FIRST_GATEWAY = "applications"
_LONGEST_GATEWAY = min(
    62 - len("-approuting-istio"), gateway_api_rules.longest_listener("") - _SHORTENED_LISTENER
)
"""Of a Gateway's name: the names of its generated objects have less than 63 characters
(aks/app-routing-gateway-api), and the names of its listeners must have room beside it."""
_GATEWAY_NAME = re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?")
"""The Service of a Gateway is named `<gateway>-approuting-istio`. A Service's name begins with a
letter and has no dots (RFC 1035)."""
_OTHER_NAME = "use another name, such as internalingress"


@skips_unreadable
def problems(ingress: IngressSettings) -> Iterator[Problem]:
    """Settings that only one controller has."""
    yield from _implementation(ingress)
    yield from _side_by_side(ingress)
    yield from _internal_class(ingress)
    yield from _controller_namespace(ingress)


@skips_unreadable
def _implementation(ingress: IngressSettings) -> Iterator[Problem]:
    routing = ingress.app_routing
    if "implementation" in routing.model_fields_set and ingress.controller != "app-routing":
        rule = f"must not be set: only app-routing has it, and controller is {ingress.controller}"
        remedy = "use controller: app-routing, or remove appRouting"
        yield Problem(f"{APP_ROUTING}.implementation", routing.implementation, rule, remedy)


@skips_unreadable
def _side_by_side(ingress: IngressSettings) -> Iterator[Problem]:
    if ingress.app_routing.side_by_side and ingress.controller != "app-routing":
        rule = f"must be false: only app-routing has it, and controller is {ingress.controller}"
        remedy = "remove it, or use controller: app-routing"
        yield Problem(f"{APP_ROUTING}.sideBySide", "true", rule, remedy)


@skips_unreadable
def _internal_class(ingress: IngressSettings) -> Iterator[Problem]:
    name = ingress.app_routing.internal_class
    path = f"{APP_ROUTING}.internalClass"
    if name is None:
        return
    if ingress.controller != "app-routing":
        rule = "must not be set: only application routing has a second controller"
        yield Problem(path, name, rule, "remove it, or use controller: app-routing")
    elif ingress.runs_gateway and name == _FIRST_GATEWAY:
        rule = "must not be the name of the first Gateway"
        yield Problem(path, name, rule, _OTHER_NAME)
    elif ingress.runs_gateway and len(name) > _LONGEST_GATEWAY:
        rule = f"must have at most {_LONGEST_GATEWAY} characters: the add-on appends to it"
        yield Problem(path, name, rule, "use a shorter name, such as internal")
    elif ingress.runs_gateway and not _GATEWAY_NAME.fullmatch(name):
        rule = (
            "must be lower-case letters, digits and hyphens that begin with a letter and do not "
            "end with a hyphen: the add-on names the Gateway's Service after it"
        )
        yield Problem(path, name, rule, _OTHER_NAME)


@skips_unreadable
def _controller_namespace(ingress: IngressSettings) -> Iterator[Problem]:
    if ingress.controller_namespace and ingress.controller != "none":
        rule = f"must not be set: it is for your own controller; this is {ingress.controller}"
        remedy = "remove it, or use controller: none"
        place = f"{INGRESS}.controllerNamespace"
        yield Problem(place, ingress.controller_namespace, rule, remedy)


@skips_unreadable
def networks(ingress: IngressSettings, network: NetworkSettings) -> Iterator[Problem]:
    """Gateways that send requests to pods directly must be able to reach them."""
    if network.model != NetworkModel.KUBENET or ingress.controller not in DRIVES_A_GATEWAY:
        return
    reason = {
        AGC: "it is not supported (for-containers/container-networking)",
        "agic": "it reaches the pods only by the cluster's route table on the gateway's subnet, "
        "which this program does not put there",
    }[ingress.controller]
    rule = f"must not be {ingress.controller} with kubenet: {reason}"
    remedy = "use aks-network:network.model: azure-cni-overlay, or another controller"
    yield Problem(f"{INGRESS}.controller", ingress.controller, rule, remedy)


@skips_unreadable
def subnets(ingress: IngressSettings, plan: AddressPlan) -> Iterator[Problem]:
    """The sizes of the gateway's subnet on an overlay; only a prefix set by hand can be wrong."""
    if plan.model != NetworkModel.OVERLAY:
        return
    fitting: dict[str, Callable[[int], bool]] = {
        "agic": lambda length: length >= _LARGEST_OVERLAY_SUBNET,
        AGC: lambda length: length == _LARGEST_OVERLAY_SUBNET,
    }
    keys = {"agic": SubnetKey.APPLICATION_GATEWAY, AGC: SubnetKey.TRAFFIC_CONTROLLER}
    fits = fitting.get(ingress.controller)
    if fits is None or not plan.has(keys[ingress.controller]):
        return
    subnet = plan.subnet(keys[ingress.controller])
    if not fits(subnet.network.prefixlen):
        size = "a /24" if ingress.controller == AGC else "a /24 or smaller"
        rule = f"must be {size}: the pods are on an overlay"
        path = f"aks-network:network.subnets.{subnet.key}"
        yield Problem(path, subnet.prefix, rule, f"use a /{_LARGEST_OVERLAY_SUBNET}")


@skips_unreadable
def identity(ingress: IngressSettings, cluster: ClusterSettings) -> Iterator[Problem]:
    """Add-ons have managed identities, which only a cluster with a managed identity creates."""
    if cluster.identity.kind == "servicePrincipal" and ingress.controller in {
        "app-routing",
        "agic",
    }:
        yield Problem(
            f"{INGRESS}.controller",
            ingress.controller,
            f"must not be {ingress.controller}: the add-on needs a managed identity, "
            "and cluster.identity.kind is servicePrincipal",
            "use aks-network:cluster.identity.kind: userAssigned, or another controller",
        )


@skips_unreadable
def delivery(ingress: IngressSettings, kubernetes: KubernetesSettings) -> Iterator[Problem]:
    """A Helm release can be installed, but not rendered.

    pulumi-kubernetes cannot render a Release (pulumi-kubernetes#1716), and a Chart rendered in its
    place lacks its hooks (#3284), among them the jobs that make Contour's certificates and
    HAProxy's resource definitions.
    """
    by_helm = ingress.controller in BY_CHART or ingress.controller == AGC
    if kubernetes.delivery == "render" and by_helm:
        remedy = "use delivery: apply, or controller: app-routing"
        if ingress.controller != AGC:
            remedy = (
                "use delivery: apply, or install the chart in the cluster's own pipeline and set "
                f"{INGRESS}.controller: none with controllerNamespace"
            )
        yield Problem(
            "aks-network:kubernetes.delivery",
            "render",
            f"must not be render: {ingress.controller} is installed by a Helm release, which "
            "can't be written as files",
            remedy,
        )


@skips_unreadable
def internal_class(ingress: IngressSettings, kubernetes: KubernetesSettings) -> Iterator[Problem]:
    """The second controller has a class of its own, and only it serves internal applications."""
    for position, application in enumerate(kubernetes.applications):
        yield from _internal_application(f"{APPLICATIONS}[{position}]", ingress, application)
    name = ingress.app_routing.internal_class
    if name is not None and name == kubernetes.ingress_class:
        rule = "must not be the class of the first controller, kubernetes.ingressClass"
        yield Problem(f"{APP_ROUTING}.internalClass", name, rule, _OTHER_NAME)


@skips_unreadable
def _internal_application(
    path: str, ingress: IngressSettings, application: Application
) -> Iterator[Problem]:
    if not application.internal:
        return
    if ingress.app_routing.internal_class is None:
        rule = "must be false: there is no second, internal controller"
        remedy = f"use {APP_ROUTING}.internalClass: internalingress, or remove internal"
        yield Problem(f"{path}.internal", "true", rule, remedy)
    elif application.hosts and application.tls is None:
        rule = "is required: the firewall's certificate is not used for internal applications"
        yield Problem(f"{path}.tls", "", rule, SET_A_CERTIFICATE)
