"""Which objects and which chart make the ingress controller, and how requests come: pure data.

One function a controller, chosen by the setting; what only comes into being with other resources is
handed in as `Given`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from components.kubernetes import gateway_manifests, helm_charts
from components.kubernetes.gateway_manifests import GATEWAY
from components.kubernetes.helm_charts import CHARTS, Chart
from components.kubernetes.ingress_routes import IngressRoute, VaultCertificates
from components.kubernetes.load_balancer import LoadBalancer
from components.kubernetes.manifest import Manifest, manifest
from components.settings.ingress import IngressSettings
from components.settings.kubernetes import KubernetesSettings
from components.settings.waf import GatewayWaf

APP_ROUTING_NAMESPACE = "app-routing-system"
AGIC_CLASS = "azure-application-gateway"
"""The one class that AGIC listens to, whatever the setting `kubernetes.ingressClass` says."""


@dataclass(frozen=True)
class Given:
    """What other resources bring, possibly outputs; each is used by some controllers only."""

    load_balancer: LoadBalancer = field(default_factory=LoadBalancer)
    internal_load_balancer: LoadBalancer | None = None
    """Of the second, internal class, where there is one."""
    certificates: VaultCertificates = field(default_factory=VaultCertificates)
    """What application routing fetches from key vaults."""
    installed_certificate: str | None = None
    """Name of that certificate in the gateway itself."""
    pod_gateway: str | None = None
    """Range of a gateway that speaks to the pods themselves."""
    client_id: Any | None = None
    """Of the identity that the controller signs in to Azure by."""
    zone_ids: Mapping[str, Sequence[Any]] = field(default_factory=dict[str, Sequence[Any]])
    """DNS zones by kind, `public` and `private`, that the controller keeps records in."""
    traffic_controller_id: Any | None = None
    policy_id: Any | None = None


@dataclass(frozen=True)
class IngressPlan:
    """What makes the controller, and how requests reach the applications."""

    route: IngressRoute | None
    """None where no request can come in: applications then have no way in."""
    internal_route: IngressRoute | None = None
    """For the applications that are internal."""
    chart: Chart | None = None
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    objects: Sequence[Manifest] = ()


def ingress_plan(
    ingress: IngressSettings, kubernetes: KubernetesSettings, given: Given
) -> IngressPlan:
    """The plan for the controller that the settings name."""
    makers: dict[str, Callable[..., IngressPlan]] = {
        "app-routing": _gateway_api if ingress.uses_gateway_api else _nginx,
        "application-gateway-for-containers": _alb,
        "agic": _agic,
        "none": _someone_elses,
    }
    return makers.get(ingress.controller, _by_chart)(ingress, kubernetes, given)


def _nginx(ingress: IngressSettings, kubernetes: KubernetesSettings, given: Given) -> IngressPlan:
    class_name = kubernetes.ingress_class
    route = IngressRoute(
        class_name,
        APP_ROUTING_NAMESPACE,
        given.certificates,
        annotations=_no_redirect("nginx.ingress.kubernetes.io/ssl-redirect", ingress),
    )
    objects = [nginx_controller(class_name, given.load_balancer)]
    internal = ingress.app_routing.internal_class
    if internal is None or given.internal_load_balancer is None:
        return IngressPlan(route, objects=objects)
    second = nginx_controller(internal, given.internal_load_balancer, prefix="nginx-internal")
    # The firewall is not before it, so neither is the firewall's certificate.
    own = VaultCertificates(own=given.certificates.own)
    internal_route = IngressRoute(internal, APP_ROUTING_NAMESPACE, own)
    return IngressPlan(route, internal_route, objects=[*objects, second])


def nginx_controller(
    class_name: str, load_balancer: LoadBalancer, *, prefix: str = "nginx"
) -> Manifest:
    """A `NginxIngressController` ("Advanced NGINX ingress controller configurations").

    It is cluster-wide; the add-on runs its pods in `app-routing-system`, on Linux nodes, under
    names that begin with `prefix`.
    """
    spec: Manifest = {"ingressClassName": class_name, "controllerNamePrefix": prefix}
    annotations = load_balancer.annotations()
    if annotations:
        spec["loadBalancerAnnotations"] = annotations
    return manifest(
        "approuting.kubernetes.azure.com/v1alpha1",
        "NginxIngressController",
        class_name,
        spec=spec,
    )


def _gateway_api(
    ingress: IngressSettings, kubernetes: KubernetesSettings, given: Given
) -> IngressPlan:
    """Until the cluster is known to have it, nothing is delivered that it would not understand."""
    if not ingress.app_routing.gateway_api_enabled:
        return IngressPlan(None)
    objects = gateway_manifests.app_routing_gateway(
        kubernetes.applications,
        given.load_balancer,
        certificates=given.certificates,
        client_id=given.client_id,
        zone_ids=given.zone_ids,
    )
    # The proxies' pods are in the Gateway's own namespace.
    route = IngressRoute("", GATEWAY.namespace, gateway=GATEWAY)
    return IngressPlan(route, objects=list(objects))


def _alb(ingress: IngressSettings, kubernetes: KubernetesSettings, given: Given) -> IngressPlan:
    objects = gateway_manifests.alb_gateway(
        kubernetes.applications,
        traffic_controller_id=given.traffic_controller_id,
        policy_id=given.policy_id,
    )
    return IngressPlan(
        IngressRoute("", None, source_ranges=_ranges(given), gateway=GATEWAY),
        chart=CHARTS[ingress.controller],
        values=helm_charts.alb_controller_values(given.client_id),
        objects=list(objects),
    )


def _agic(ingress: IngressSettings, kubernetes: KubernetesSettings, given: Given) -> IngressPlan:
    """The add-on is a part of the cluster; the Ingress objects tell it what to do."""
    del ingress, kubernetes
    prefix = "appgw.ingress.kubernetes.io"
    annotations = {f"{prefix}/ssl-redirect": "true"}
    if given.installed_certificate:
        annotations[f"{prefix}/appgw-ssl-certificate"] = given.installed_certificate
    route = IngressRoute(
        AGIC_CLASS,
        None,
        source_ranges=_ranges(given),
        annotations=annotations,
    )
    return IngressPlan(route)


def _by_chart(
    ingress: IngressSettings, kubernetes: KubernetesSettings, given: Given
) -> IngressPlan:
    chart = CHARTS[ingress.controller]
    class_name = kubernetes.ingress_class
    annotations: dict[str, str] = {}
    if ingress.controller == "haproxy":
        annotations = _no_redirect("haproxy.org/ssl-redirect", ingress)
    return IngressPlan(
        IngressRoute(class_name, chart.namespace, annotations=annotations),
        chart=chart,
        values=helm_charts.chart_values(ingress.controller, class_name, given.load_balancer),
    )


def _someone_elses(
    ingress: IngressSettings, kubernetes: KubernetesSettings, given: Given
) -> IngressPlan:
    del given
    if ingress.controller_namespace is None:
        return IngressPlan(None)
    return IngressPlan(IngressRoute(kubernetes.ingress_class, ingress.controller_namespace))


def _no_redirect(annotation: str, ingress: IngressSettings) -> dict[str, str]:
    """Keeps a controller that the gateway speaks HTTP to from sending everyone to HTTPS.

    NGINX and HAProxy do so for every host with a certificate, and whoever comes through the gateway
    is there already: the redirection would never end. Traefik and Contour wait to be told.
    """
    waf = ingress.waf
    speaks_http = isinstance(waf, GatewayWaf) and waf.backend_protocol == "Http"
    return {annotation: "false"} if speaks_http else {}


def _ranges(given: Given) -> tuple[str, ...]:
    return (given.pod_gateway,) if given.pod_gateway else ()
