"""What Azure and Kubernetes ask of ingress: controller, firewall, networks, certificates.

Each function yields the problems of one subject.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import IPv4Network

from components.addressing import AddressPlan, NetworkModel, SubnetKey
from components.problems import Problem
from components.settings import application_gateway_rules, key_vault
from components.settings.cluster import ClusterSettings
from components.settings.ingress import (
    BY_CHART,
    DRIVES_A_GATEWAY,
    AppRoutingSettings,
    IngressSettings,
)
from components.settings.kubernetes import Application, KubernetesSettings
from components.settings.network import NetworkSettings
from components.settings.partial import skips_unreadable
from components.settings.waf import ExternalWaf, GatewayWaf
from components.settings.waf_rules import (
    custom_rules,
    exclusions,
    request_limits,
    rule_overrides,
)

INGRESS = "aks-network:ingress"
APP_ROUTING = f"{INGRESS}.appRouting"
APPLICATIONS = "aks-network:kubernetes.applications"

AGC = "application-gateway-for-containers"

AGC_REGIONS = frozenset(
    {
        "australiaeast",
        "brazilsouth",
        "canadacentral",
        "centralindia",
        "centralus",
        "eastasia",
        "eastus",
        "eastus2",
        "francecentral",
        "germanywestcentral",
        "koreacentral",
        "northcentralus",
        "northeurope",
        "norwayeast",
        "southcentralus",
        "southeastasia",
        "switzerlandnorth",
        "uaenorth",
        "uksouth",
        "westus",
        "westeurope",
    }
)
"""application-gateway/for-containers/overview, "Supported regions", of 2025-07-21. The list grows,
so that another region is worth a word and no refusal."""

_OF_AN_APPLICATION_GATEWAY = {
    "min_capacity": "minCapacity",
    "max_capacity": "maxCapacity",
    "zones": "zones",
    "tls_policy": "tlsPolicy",
    "certificate": "certificate",
    "backend_protocol": "backendProtocol",
    "backend_root_certificates": "backendRootCertificates",
}
"""Settings of the firewall that mean nothing to Application Gateway for Containers."""

_LARGEST_OVERLAY_SUBNET = 24
"""With pods on an overlay a gateway that speaks to them directly has a subnet of at most this size
(ingress-controller-overview, "Container networking and AGIC"; for-containers/container-networking,
which wants exactly this size)."""

_ENABLE_GATEWAY_API = """\
no request reaches an application yet: the provider's API version (2025-09-01) can't enable \
application routing's Gateway API implementation. Once the cluster exists, run \
az aks update --resource-group <clusterResourceGroup> --name <clusterName> \
--enable-gateway-api --enable-app-routing-istio (azure-cli 2.86.0 or later; the names are outputs \
of this stack), then set aks-network:ingress.appRouting.gatewayApiEnabled: true"""
"""aks/app-routing-gateway-api, aks/managed-gateway-api."""


_BY_NAME = "set it to the name of a secret (kubernetes.io/tls) in the application's namespace"
_FROM_SOMEWHERE = (
    "set certificateId (in another team's key vault), certificateName (in this stack's own), or "
    "secretName (in the application's namespace)"
)


@skips_unreadable
def problems(ingress: IngressSettings) -> Iterator[Problem]:
    """What is wrong with the ingress settings by themselves."""
    yield from controller(ingress)
    yield from exposure(ingress)
    yield from firewall(ingress)
    yield from certificate(ingress)
    yield from application_gateway_rules.source_ranges(ingress)
    if isinstance(ingress.waf, GatewayWaf):
        yield from application_gateway_rules.root_certificates(f"{INGRESS}.waf", ingress.waf)
        yield from custom_rules(f"{INGRESS}.waf.customRules", ingress.waf)
        yield from exclusions(f"{INGRESS}.waf.exclusions", ingress.waf)
        yield from request_limits(f"{INGRESS}.waf.requestLimits", ingress.waf)
        yield from rule_overrides(
            f"{INGRESS}.waf.ruleOverrides",
            ingress.waf,
            js_challenge_for_bots=ingress.controller != AGC,
        )


@skips_unreadable
def controller(ingress: IngressSettings) -> Iterator[Problem]:
    """Settings that go with one controller only."""
    yield from _implementation(ingress)
    yield from _gateway_api_enabled(ingress.app_routing)
    yield from _internal_class(ingress)
    yield from _controller_namespace(ingress)


@skips_unreadable
def _implementation(ingress: IngressSettings) -> Iterator[Problem]:
    routing = ingress.app_routing
    if routing.implementation == "gateway-api" and ingress.controller != "app-routing":
        rule = f"must not be set: it is the add-on's, and controller is {ingress.controller}"
        remedy = "use controller: app-routing, or remove appRouting"
        yield Problem(f"{APP_ROUTING}.implementation", "gateway-api", rule, remedy)


@skips_unreadable
def _gateway_api_enabled(routing: AppRoutingSettings) -> Iterator[Problem]:
    if routing.gateway_api_enabled and routing.implementation != "gateway-api":
        rule = "must be false: implementation is nginx, which has no use for the Gateway API"
        path = f"{APP_ROUTING}.gatewayApiEnabled"
        yield Problem(path, "true", rule, "use implementation: gateway-api, or remove it")


@skips_unreadable
def _internal_class(ingress: IngressSettings) -> Iterator[Problem]:
    routing = ingress.app_routing
    if routing.internal_class and (ingress.controller != "app-routing" or ingress.uses_gateway_api):
        rule = "must not be set: only application routing with NGINX has a second controller"
        remedy = "remove it, or use controller: app-routing with implementation: nginx"
        yield Problem(f"{APP_ROUTING}.internalClass", routing.internal_class, rule, remedy)


@skips_unreadable
def _controller_namespace(ingress: IngressSettings) -> Iterator[Problem]:
    if ingress.controller_namespace and ingress.controller != "none":
        rule = f"must not be set: it is for your own controller; here it is {ingress.controller}"
        remedy = "remove it, or use controller: none"
        place = f"{INGRESS}.controllerNamespace"
        yield Problem(place, ingress.controller_namespace, rule, remedy)


@skips_unreadable
def exposure(ingress: IngressSettings) -> Iterator[Problem]:
    """Where the controller's address may be."""
    if ingress.controller == AGC and ingress.exposure == "internal":
        yield Problem(
            f"{INGRESS}.exposure",
            ingress.exposure,
            f"must be external: {AGC} has public frontends only",
            "use exposure: external, or another controller",
        )
    if (
        isinstance(ingress.waf, GatewayWaf)
        and ingress.exposure == "external"
        and ingress.controller != AGC
    ):
        rule = "must be internal: clients would bypass the firewall at the controller's own address"
        yield Problem(f"{INGRESS}.exposure", ingress.exposure, rule, "use exposure: internal")


@skips_unreadable
def firewall(ingress: IngressSettings) -> Iterator[Problem]:
    """Which firewall goes with which controller."""
    yield from _external_firewall(ingress)
    yield from _source_ranges(ingress)
    waf = ingress.waf
    path = f"{INGRESS}.waf"
    if isinstance(waf, GatewayWaf):
        yield from _capacity(path, waf)
        yield from _root_certificates(path, waf)
    if ingress.controller == "agic" and not isinstance(waf, GatewayWaf):
        rule = "must be an Application Gateway: controller agic configures one"
        yield Problem(path, "", rule, "set waf with a certificate, or use another controller")
    if not isinstance(waf, GatewayWaf):
        return
    if ingress.controller == "none":
        rule = "must not be none: the Application Gateway sends requests to a controller"
        yield Problem(f"{INGRESS}.controller", "none", rule, "use a controller, or waf: none")
    yield from _without_effect(path, ingress, waf)
    yield from _rule_set(path, ingress, waf)
    yield from _backend_protocol(path, ingress, waf)


@skips_unreadable
def _capacity(path: str, waf: GatewayWaf) -> Iterator[Problem]:
    if waf.min_capacity > waf.max_capacity:
        value = str(waf.min_capacity)
        rule = f"must be at most maxCapacity, {waf.max_capacity}"
        remedy = f"use {waf.max_capacity} or less, or raise maxCapacity"
        yield Problem(f"{path}.minCapacity", value, rule, remedy)


@skips_unreadable
def _root_certificates(path: str, waf: GatewayWaf) -> Iterator[Problem]:
    if waf.backend_protocol == "Http" and waf.backend_root_certificates:
        rule = "must be empty: they are for HTTPS, and backendProtocol is Http"
        remedy = "remove them, or use backendProtocol: Https"
        yield Problem(f"{path}.backendRootCertificates", "", rule, remedy)


@skips_unreadable
def _without_effect(path: str, ingress: IngressSettings, waf: GatewayWaf) -> Iterator[Problem]:
    """What is set and would have no effect."""
    given = waf.model_fields_set
    if ingress.controller == AGC:
        for field, key in _OF_AN_APPLICATION_GATEWAY.items():
            if field in given:
                rule = f"must not be set: {AGC} has no Application Gateway to configure"
                yield Problem(f"{path}.{key}", "", rule, "remove it")
    if ingress.controller == "agic":
        for field in ("backend_protocol", "backend_root_certificates"):
            if field in given:
                key = _OF_AN_APPLICATION_GATEWAY[field]
                rule = "must not be set: agic reads it from the annotations of each Ingress"
                yield Problem(f"{path}.{key}", "", rule, "remove it")


@skips_unreadable
def _rule_set(path: str, ingress: IngressSettings, waf: GatewayWaf) -> Iterator[Problem]:
    if ingress.controller == AGC and waf.rule_set.startswith("OWASP"):
        rule = f"must be a Default Rule Set: {AGC} supports no other"
        remedy = "use Microsoft_DefaultRuleSet 2.1"
        yield Problem(f"{path}.ruleSet", waf.rule_set, rule, remedy)


@skips_unreadable
def _backend_protocol(path: str, ingress: IngressSettings, waf: GatewayWaf) -> Iterator[Problem]:
    if ingress.controller != AGC and ingress.uses_gateway_api and waf.backend_protocol == "Http":
        rule = "must be Https: the Gateway redirects HTTP to HTTPS, so requests would never end"
        yield Problem(f"{path}.backendProtocol", "Http", rule, "use Https, or remove it")


@skips_unreadable
def _external_firewall(ingress: IngressSettings) -> Iterator[Problem]:
    if not isinstance(ingress.waf, ExternalWaf):
        return
    if not ingress.has_load_balancer:
        rule = "must not be set: it restricts a load balancer of the cluster, and there is none"
        remedy = f"use another controller than {ingress.controller}, or another waf"
        yield Problem(f"{INGRESS}.waf.external", "", rule, remedy)
    elif ingress.exposure == "internal":
        rule = "must be external: a third party's firewall reaches the controller from the Internet"
        yield Problem(f"{INGRESS}.exposure", "internal", rule, "use exposure: external")


@skips_unreadable
def _source_ranges(ingress: IngressSettings) -> Iterator[Problem]:
    if not isinstance(ingress.waf, ExternalWaf):
        return
    for position, cidr in enumerate(ingress.waf.external.source_ranges):
        if IPv4Network(cidr).prefixlen == 0:
            rule = "must not be every address: clients would bypass the firewall"
            remedy = "use the ranges that the firewall's operator publishes"
            yield Problem(f"{INGRESS}.waf.external.sourceRanges[{position}]", cidr, rule, remedy)


@skips_unreadable
def certificate(ingress: IngressSettings) -> Iterator[Problem]:
    """An Application Gateway has exactly one certificate; a vault's id says whose secret it is."""
    if not isinstance(ingress.waf, GatewayWaf):
        return
    path = f"{INGRESS}.waf.certificate"
    given = ingress.waf.certificate
    if given:
        yield from key_vault.vault(path, given, "secretId")
    secret_id = given.secret_id if given else None
    if ingress.has_application_gateway and (
        (secret_id is None) == (given is None or given.pfx is None)
    ):
        yield Problem(
            path,
            "",
            "must have exactly one of secretId and pfx",
            f"set one of the two: pulumi config set --secret --path '{path}.pfx' …",
        )


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
    """The sizes that an overlay allows the gateway's subnet; only one fixed by hand is wrong."""
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
    """A Helm release is installed, not written down.

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
def hosts(ingress: IngressSettings, kubernetes: KubernetesSettings) -> Iterator[Problem]:
    """A host needs something that leads to it, and a name that its record may have."""
    for position, application in enumerate(kubernetes.applications):
        yield from _leads_to_hosts(f"{APPLICATIONS}[{position}].host", ingress, application)
        yield from _apex(f"{APPLICATIONS}[{position}].host", ingress, application)


@skips_unreadable
def _leads_to_hosts(
    path: str, ingress: IngressSettings, application: Application
) -> Iterator[Problem]:
    for host in application.hosts:
        if ingress.controller == "none" and ingress.controller_namespace is None:
            rule = f"must have a controller that serves it: {INGRESS}.controller is none"
            remedy = "use a controller, or set the namespace of your own one: "
            yield Problem(path, host, rule, f"{remedy}{INGRESS}.controllerNamespace")


@skips_unreadable
def _apex(path: str, ingress: IngressSettings, application: Application) -> Iterator[Problem]:
    for host in application.hosts:
        zones = (*ingress.public_dns_zones, *ingress.private_dns_zones)
        if ingress.controller == AGC and host in zones:
            rule = f"must not be the apex of its zone: DNS allows no CNAME to {AGC} there"
            yield Problem(path, host, rule, f"use a name under it, such as www.{host}")


@skips_unreadable
def internal_class(ingress: IngressSettings, kubernetes: KubernetesSettings) -> Iterator[Problem]:
    """The second controller has a class of its own, and only it serves internal applications."""
    for position, application in enumerate(kubernetes.applications):
        yield from _internal_application(f"{APPLICATIONS}[{position}]", ingress, application)
    name = ingress.app_routing.internal_class
    if name is not None and name == kubernetes.ingress_class:
        rule = "must not be the class of the first controller, kubernetes.ingressClass"
        remedy = "use another name, such as internalingress"
        yield Problem(f"{APP_ROUTING}.internalClass", name, rule, remedy)


@skips_unreadable
def _internal_application(
    path: str, ingress: IngressSettings, application: Application
) -> Iterator[Problem]:
    if not application.internal:
        return
    if ingress.app_routing.internal_class is None:
        rule = "must be false: there is no internal ingress class"
        remedy = f"use {APP_ROUTING}.internalClass: internalingress, or remove internal"
        yield Problem(f"{path}.internal", "true", rule, remedy)
    elif application.hosts and application.tls is None:
        rule = "is required: an internal application is not behind the firewall's certificate"
        yield Problem(f"{path}.tls", "", rule, _FROM_SOMEWHERE)


@skips_unreadable
def certificates(ingress: IngressSettings, kubernetes: KubernetesSettings) -> Iterator[Problem]:
    """Only application routing fetches certificates from a vault; others take a secret.

    The certificate of the gateway in front serves the add-on and agic, too.
    """
    for position, application in enumerate(kubernetes.applications):
        path = f"{APPLICATIONS}[{position}].tls"
        yield from _from_vault(path, ingress, application)
        yield from _has_certificate(path, ingress, application)


@skips_unreadable
def _from_vault(path: str, ingress: IngressSettings, application: Application) -> Iterator[Problem]:
    tls = application.tls
    if tls and tls.from_vault and ingress.controller != "app-routing":
        key = "certificateId" if tls.certificate_id else "certificateName"
        value = tls.certificate_id or tls.certificate_name or ""
        rule = f"must not be set: only application routing fetches it, not {ingress.controller}"
        remedy = "use secretName, or controller: app-routing"
        yield Problem(f"{path}.{key}", value, rule, remedy)


@skips_unreadable
def _has_certificate(
    path: str, ingress: IngressSettings, application: Application
) -> Iterator[Problem]:
    addon = ingress.controller == "app-routing"
    shared = ingress.controller == "agic" or (addon and isinstance(ingress.waf, GatewayWaf))
    # What is internal takes one of its own in any case: `internal_class`.
    if application.tls is None and application.hosts and not shared and not application.internal:
        if addon:
            rule = "is required: there is no Application Gateway with a certificate in front"
            yield Problem(path, "", rule, _FROM_SOMEWHERE)
        else:
            rule = (
                f"is required: controller {ingress.controller} has certificates from secrets only"
            )
            yield Problem(f"{path}.secretName", "", rule, _BY_NAME)


def advice(ingress: IngressSettings, location: str) -> Iterator[str]:
    """What works and is worth a word."""
    if ingress.controller == AGC and location not in AGC_REGIONS:
        yield (
            f"{AGC} may not be available in {location}: it was not in Microsoft's list of regions "
            "of 2025-07; check application-gateway/for-containers/overview"
        )
    if ingress.controller == AGC and ingress.waf == "none":
        yield f"no firewall inspects requests: {INGRESS}.waf is none, and {AGC} is public"
    if ingress.has_load_balancer and ingress.exposure == "external" and ingress.waf == "none":
        yield (
            f"every address of the Internet reaches the ingress controller, and no firewall "
            f"inspects requests: {INGRESS}.exposure is external and {INGRESS}.waf is none. "
            "`make audit` reports it as K8S-3. Use exposure: internal, with the waf of an "
            "Application Gateway in front, or waf.external.sourceRanges with the ranges of a "
            "firewall of another vendor"
        )
    routing = ingress.app_routing
    if routing.implementation == "gateway-api" and not routing.gateway_api_enabled:
        yield _ENABLE_GATEWAY_API
