"""The objects and the Helm chart of the ingress controller, and the routes of requests. Pure data.

There is one function per controller, chosen by the setting `ingress.controller`. Values of other
resources are passed in as `IngressInputs`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from components.kubernetes import gateway_manifests, helm_charts
from components.kubernetes.client_address import (
    NO_PROXIES,
    Proxies,
    nginx_annotations,
    required_headers,
)
from components.kubernetes.controller_policies import controller_policies
from components.kubernetes.gateway_manifests import GATEWAY, AppRoutingGateway
from components.kubernetes.helm_charts import CHARTS, Chart
from components.kubernetes.ingress_routes import (
    GatewayReference,
    IngressRoute,
    VaultCertificates,
)
from components.kubernetes.load_balancer import LoadBalancer
from components.kubernetes.manifest import Manifest, manifest
from components.settings.ingress import IngressSettings
from components.settings.kubernetes import KubernetesSettings
from components.settings.waf import GatewayWaf

APP_ROUTING_NAMESPACE = "app-routing-system"
AGIC_CLASS = "azure-application-gateway"
"""The only class that AGIC handles, independent of the setting `kubernetes.ingressClass`."""


@dataclass(frozen=True)
class IngressInputs:
    """Values of other resources, possibly outputs. Each controller uses some of them."""

    load_balancer: LoadBalancer = field(default_factory=LoadBalancer)
    internal_load_balancer: LoadBalancer | None = None
    """Load balancer of the second, internal class; None without that class."""
    gateway_load_balancer: LoadBalancer = field(default_factory=LoadBalancer)
    """Load balancer of application routing's Gateway."""
    internal_gateway_load_balancer: LoadBalancer | None = None
    """Load balancer of its second, internal Gateway; None without it."""
    certificates: VaultCertificates = field(default_factory=VaultCertificates)
    """The certificates that application routing fetches from key vaults."""
    installed_certificate: str | None = None
    """Name of the listeners' certificate in the Application Gateway; None without a gateway."""
    pod_gateway: str | None = None
    """Range of a gateway that connects to pods directly, in CIDR notation; None without one."""
    client_id: Any | None = None
    """Client id of the controller's Azure identity; None without one."""
    zone_ids: Mapping[str, Sequence[Any]] = field(default_factory=dict[str, Sequence[Any]])
    """Resource ids of the DNS zones in which the controller manages records, by kind: `public` and
    `private`."""
    traffic_controller_id: Any | None = None
    """Resource id of Application Gateway for Containers; None without it."""
    policy_id: Any | None = None
    """Resource id of its WAF policy; None without one."""
    proxies: Proxies = NO_PROXIES
    """The proxies in front of the controller, which name the client in X-Forwarded-For."""
    api_server_ranges: tuple[str, ...] = ()
    """Ranges of an API server inside the network; empty for any other."""


@dataclass(frozen=True)
class IngressPlan:
    """The controller's chart and objects, and the routes of requests to the applications."""

    routes: Sequence[IngressRoute] = ()
    """Empty where no request from outside reaches the applications."""
    internal_routes: Sequence[IngressRoute] = ()
    """The routes of the applications that are internal; empty without an internal class."""
    chart: Chart | None = None
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    policies: Sequence[Manifest] = ()
    """The network policies of the chart's namespace."""
    objects: Sequence[Manifest] = ()


def ingress_plan(
    ingress: IngressSettings, kubernetes: KubernetesSettings, inputs: IngressInputs
) -> IngressPlan:
    """The plan for the controller of the settings."""
    by_controller: dict[str, Callable[..., IngressPlan]] = {
        "app-routing": _app_routing,
        "application-gateway-for-containers": _application_gateway_for_containers,
        "agic": _agic,
        "none": _external_controller,
    }
    return by_controller.get(ingress.controller, _helm_chart)(ingress, kubernetes, inputs)


def _app_routing(
    ingress: IngressSettings, kubernetes: KubernetesSettings, inputs: IngressInputs
) -> IngressPlan:
    """Application routing's implementations that run; both serve the same hosts."""
    plans = [
        *([_nginx(ingress, kubernetes, inputs)] if ingress.runs_nginx else []),
        *([_gateway_api(ingress, kubernetes, inputs)] if ingress.runs_gateway else []),
    ]
    return IngressPlan(
        [route for plan in plans for route in plan.routes],
        [route for plan in plans for route in plan.internal_routes],
        objects=[item for plan in plans for item in plan.objects],
    )


def _nginx(
    ingress: IngressSettings, kubernetes: KubernetesSettings, inputs: IngressInputs
) -> IngressPlan:
    class_name = kubernetes.ingress_class
    route = IngressRoute(
        class_name,
        APP_ROUTING_NAMESPACE,
        inputs.certificates,
        annotations={
            **_no_redirect("nginx.ingress.kubernetes.io/ssl-redirect", ingress),
            **nginx_annotations(inputs.proxies),
        },
    )
    objects = [nginx_controller(class_name, inputs.load_balancer)]
    internal = ingress.app_routing.internal_class
    if internal is None or inputs.internal_load_balancer is None:
        return IngressPlan([route], objects=objects)
    second = nginx_controller(internal, inputs.internal_load_balancer, prefix="nginx-internal")
    # The firewall is not in front of the internal class, so its certificate does not apply.
    certificates = VaultCertificates(own=inputs.certificates.own)
    internal_route = IngressRoute(internal, APP_ROUTING_NAMESPACE, certificates)
    return IngressPlan([route], [internal_route], objects=[*objects, second])


def nginx_controller(
    class_name: str, load_balancer: LoadBalancer, *, prefix: str = "nginx"
) -> Manifest:
    """A `NginxIngressController` ("Advanced NGINX ingress controller configurations").

    The object is cluster-wide. The add-on runs its pods in the namespace `app-routing-system`, on
    Linux nodes. Their names begin with `prefix`.
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
    ingress: IngressSettings, kubernetes: KubernetesSettings, inputs: IngressInputs
) -> IngressPlan:
    """The Gateway, and a second one for internal applications where the settings have one."""
    public, internal = (
        [one for one in kubernetes.applications if one.internal == wanted]
        for wanted in (False, True)
    )
    gateways = [
        AppRoutingGateway(
            GATEWAY, public, inputs.gateway_load_balancer, inputs.certificates, inputs.proxies
        )
    ]
    # The pods of the proxies are in the namespace of the Gateways.
    headers = required_headers(inputs.proxies)
    routes = [IngressRoute("", GATEWAY.namespace, gateway=GATEWAY, required_headers=headers)]
    internal_routes: list[IngressRoute] = []
    name = ingress.app_routing.internal_class
    if name is not None and inputs.internal_gateway_load_balancer is not None:
        second = GatewayReference(name, GATEWAY.namespace)
        # Neither the firewall's certificate nor its forwarded headers apply behind no firewall.
        own = VaultCertificates(own=inputs.certificates.own)
        balancer = inputs.internal_gateway_load_balancer
        gateways.append(AppRoutingGateway(second, internal, balancer, own))
        internal_routes = [IngressRoute("", GATEWAY.namespace, gateway=second)]
    objects = gateway_manifests.app_routing_gateways(
        gateways, client_id=inputs.client_id, zone_ids=inputs.zone_ids
    )
    return IngressPlan(routes, internal_routes, objects=list(objects))


def _application_gateway_for_containers(
    ingress: IngressSettings, kubernetes: KubernetesSettings, inputs: IngressInputs
) -> IngressPlan:
    objects = gateway_manifests.alb_gateway(
        kubernetes.applications,
        traffic_controller_id=inputs.traffic_controller_id,
        policy_id=inputs.policy_id,
    )
    chart = CHARTS[ingress.controller]
    return IngressPlan(
        [IngressRoute("", None, source_ranges=_ranges(inputs), gateway=GATEWAY)],
        chart=chart,
        policies=_policies(chart, inputs),
        values=helm_charts.alb_controller_values(inputs.client_id),
        objects=list(objects),
    )


def _agic(
    ingress: IngressSettings, kubernetes: KubernetesSettings, inputs: IngressInputs
) -> IngressPlan:
    """AGIC is an add-on of the cluster: only its Ingress objects are created."""
    del ingress, kubernetes
    prefix = "appgw.ingress.kubernetes.io"
    annotations = {f"{prefix}/ssl-redirect": "true"}
    if inputs.installed_certificate:
        annotations[f"{prefix}/appgw-ssl-certificate"] = inputs.installed_certificate
    route = IngressRoute(
        AGIC_CLASS,
        None,
        source_ranges=_ranges(inputs),
        annotations=annotations,
    )
    return IngressPlan([route])


def _helm_chart(
    ingress: IngressSettings, kubernetes: KubernetesSettings, inputs: IngressInputs
) -> IngressPlan:
    chart = CHARTS[ingress.controller]
    class_name = kubernetes.ingress_class
    annotations: dict[str, str] = {}
    if ingress.controller == "haproxy":
        annotations = _no_redirect("haproxy.org/ssl-redirect", ingress)
    return IngressPlan(
        [IngressRoute(class_name, chart.namespace, annotations=annotations)],
        chart=chart,
        values=helm_charts.chart_values(
            ingress.controller, class_name, inputs.load_balancer, inputs.proxies
        ),
        policies=_policies(chart, inputs),
    )


def _policies(chart: Chart, inputs: IngressInputs) -> list[Manifest]:
    return list(
        controller_policies(
            chart.namespace, chart.request_ports, webhooks_from=inputs.api_server_ranges
        )
    )


def _external_controller(
    ingress: IngressSettings, kubernetes: KubernetesSettings, inputs: IngressInputs
) -> IngressPlan:
    del inputs
    if ingress.controller_namespace is None:
        return IngressPlan()
    return IngressPlan([IngressRoute(kubernetes.ingress_class, ingress.controller_namespace)])


def _no_redirect(annotation: str, ingress: IngressSettings) -> dict[str, str]:
    """The annotation that turns off the redirect to HTTPS, where the gateway forwards HTTP.

    NGINX and HAProxy redirect every host with a certificate. Behind a gateway that forwards HTTP
    the redirect would never end. Traefik and Contour redirect only when configured to.
    """
    waf = ingress.waf
    speaks_http = isinstance(waf, GatewayWaf) and waf.backend_protocol == "Http"
    return {annotation: "false"} if speaks_http else {}


def _ranges(inputs: IngressInputs) -> tuple[str, ...]:
    return (inputs.pod_gateway,) if inputs.pod_gateway else ()
