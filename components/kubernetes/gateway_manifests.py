"""The shared Gateway of the applications and its objects, as manifests: pure data.

There is one Gateway for each address: one, and with application routing a second one for internal
applications. They have their own namespace. Each application can attach HTTPRoutes only to the
listeners of its own hosts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from components.azure.naming import AGC_FRONTEND
from components.kubernetes.client_address import NO_PROXIES, Proxies, istio_annotations
from components.kubernetes.controller_policies import controller_policies
from components.kubernetes.ingress_routes import (
    GATEWAY_API,
    VAULT_CERTIFICATE,
    GatewayReference,
    VaultCertificates,
)
from components.kubernetes.load_balancer import LoadBalancer
from components.kubernetes.manifest import LINUX, NAMESPACE_NAME, Manifest, manifest, namespace_of
from components.kubernetes.network_policies import DENY_ALL, policy
from components.settings.kubernetes import Application

GATEWAY = GatewayReference(name="applications", namespace="ingress-gateway")
SERVICE_ACCOUNT = "ingress-gateway"
"""The service account with the identity that reads certificates and manages DNS records."""

WAIT_UNTIL_PROGRAMMED = {"pulumi.com/waitFor": "condition=Programmed"}
"""Tells pulumi-kubernetes to wait until a Gateway's controller has programmed it."""

_VAULT_ACCOUNT = "kubernetes.azure.com/tls-cert-service-account"
_HTTP_LISTENER = "http"
_PROXY_PORTS = (80, 443, 15021)
"""The ports of the add-on's proxies: those of the listeners, and 15021 for health probes."""

Tls = Callable[[Application], Manifest]
"""The TLS configuration of an application's listeners."""


@dataclass(frozen=True)
class AppRoutingGateway:
    """A Gateway of the application routing add-on: its applications and its address."""

    reference: GatewayReference
    applications: Sequence[Application]
    load_balancer: LoadBalancer
    certificates: VaultCertificates
    """The certificates from key vaults; all others are in an application's own Secret."""
    proxies: Proxies = NO_PROXIES
    """The proxies in front of it."""


def app_routing_gateways(
    gateways: Sequence[AppRoutingGateway],
    *,
    client_id: Any,
    zone_ids: Mapping[str, Sequence[Any]],
) -> Iterator[Manifest]:
    """Gateways of the application routing add-on's class `approuting-istio`, their namespace first.

    `client_id` is that of the identity that reads certificates and manages records in the DNS
    zones. `zone_ids` are the resource ids of the zones by kind, since one object manages zones of
    one kind, for all Gateways. They must be none of the cluster's own `dnsZoneResourceIds`: both
    external-dns of the add-on have the cluster's id as owner, and each deletes the records that its
    own objects do not ask for (Azure/aks-app-routing-operator, pkg/manifests/external_dns.go).

    Sources: aks/app-routing-gateway-api, "Gateway resource customization"; -dns-tls;
    aks/istio-gateway-api, "ConfigMap customizations".
    """
    yield namespace_of(GATEWAY.namespace, "baseline")
    yield from controller_policies(GATEWAY.namespace, _PROXY_PORTS)
    yield _service_account(client_id)
    for gateway in gateways:
        yield from _app_routing_gateway(gateway)
    yield _https_redirect([gateway.reference for gateway in gateways])
    for kind, ids in zone_ids.items():
        if ids:
            yield _external_dns(kind, ids)


def _app_routing_gateway(gateway: AppRoutingGateway) -> Iterator[Manifest]:
    """The settings of a Gateway's generated objects, and the Gateway itself.

    Pulumi waits until the Gateway is programmed: its proxies run, and its load balancer has the
    address. Then the routes follow.
    """

    def tls(application: Application) -> Manifest:
        certificate = gateway.certificates.of(application)
        if certificate is None:
            return _tls_from_secret(application)
        options = {VAULT_CERTIFICATE: certificate, _VAULT_ACCOUNT: SERVICE_ACCOUNT}
        return {"mode": "Terminate", "options": options}

    reference = gateway.reference
    options = f"{reference.name}-options"
    yield manifest(
        "v1",
        "ConfigMap",
        options,
        reference.namespace,
        data={
            "deployment": yaml.safe_dump(_pods(gateway.proxies), sort_keys=True),
            "service": yaml.safe_dump(_service(), sort_keys=True),
        },
    )
    made = _gateway(
        reference,
        "approuting-istio",
        gateway.applications,
        tls,
        infrastructure={
            "annotations": gateway.load_balancer.annotations(),
            "parametersRef": {"group": "", "kind": "ConfigMap", "name": options},
        },
    )
    made["metadata"]["annotations"] = dict(WAIT_UNTIL_PROGRAMMED)
    yield made


def _pods(proxies: Proxies) -> Manifest:
    """What the Gateway's Deployment has besides the add-on's own."""
    template: Manifest = {"spec": {"nodeSelector": dict(LINUX)}}
    if annotations := istio_annotations(proxies):
        template["metadata"] = {"annotations": annotations}
    return {"spec": {"template": template}}


def _service() -> Manifest:
    """What the Gateway's Service has besides the add-on's own.

    Istio sets `appProtocol: https` on port 443, by which Azure's load balancer would probe `/` over
    HTTPS and get no answer. The add-on corrects the probe of port 80 only. With Local, kube-proxy
    answers one probe for all ports, and the proxies see who connects. A null removes the add-on's
    annotations, as Local requires.
    """
    probes = (
        f"service.beta.kubernetes.io/port_{port}_health-probe_{part}"
        for port in (80, 443)
        for part in ("port", "protocol", "request-path")
    )
    return {
        "spec": {"externalTrafficPolicy": "Local"},
        "metadata": {"annotations": dict.fromkeys(probes)},
    }


def alb_gateway(
    applications: Sequence[Application],
    *,
    traffic_controller_id: Any,
    policy_id: Any | None,
) -> Iterator[Manifest]:
    """A Gateway of Application Gateway for Containers, its namespace first.

    Its certificates are in Secrets only. Sources: for-containers/how-to-ssl-offloading-gateway-api,
    how-to-waf-gateway-api ("BYO deployment").
    """
    yield namespace_of(GATEWAY.namespace, "restricted")
    # No pod runs in this namespace.
    yield policy(GATEWAY.namespace, DENY_ALL, podSelector={}, policyTypes=["Ingress"])
    gateway = _gateway(
        GATEWAY,
        "azure-alb-external",
        applications,
        _tls_from_secret,
        addresses=[{"type": "alb.networking.azure.io/alb-frontend", "value": AGC_FRONTEND}],
    )
    gateway["metadata"]["annotations"] = {"alb.networking.azure.io/alb-id": traffic_controller_id}
    yield gateway
    yield _https_redirect([GATEWAY])
    if policy_id is not None:
        yield _waf_policy(policy_id)


def _gateway(
    reference: GatewayReference,
    class_name: str,
    applications: Sequence[Application],
    tls: Tls,
    **rest: Any,
) -> Manifest:
    listeners: list[Manifest] = [
        {
            "name": _HTTP_LISTENER,
            "port": 80,
            "protocol": "HTTP",
            "allowedRoutes": {"namespaces": {"from": "Same"}},
        }
    ]
    for application in applications:
        selector = {"matchLabels": {NAMESPACE_NAME: application.name}}
        listeners += [
            {
                "name": reference.listener_of(host),
                "hostname": host,
                "port": 443,
                "protocol": "HTTPS",
                "tls": tls(application),
                "allowedRoutes": {"namespaces": {"from": "Selector", "selector": selector}},
            }
            for host in application.hosts
        ]
    spec = {"gatewayClassName": class_name, **rest, "listeners": listeners}
    return manifest(GATEWAY_API, "Gateway", reference.name, reference.namespace, spec=spec)


def _tls_from_secret(application: Application) -> Manifest:
    secret = (application.tls and application.tls.secret_name) or ""
    reference = {"kind": "Secret", "group": "", "name": secret, "namespace": application.name}
    return {"mode": "Terminate", "certificateRefs": [reference]}


def _https_redirect(gateways: Iterable[GatewayReference]) -> Manifest:
    """Redirects HTTP to HTTPS for every host."""
    to_https = {"scheme": "https", "statusCode": 301}
    redirect: Manifest = {"type": "RequestRedirect", "requestRedirect": to_https}
    return manifest(
        GATEWAY_API,
        "HTTPRoute",
        "to-https",
        GATEWAY.namespace,
        spec={
            "parentRefs": [{"name": one.name, "sectionName": _HTTP_LISTENER} for one in gateways],
            "rules": [{"filters": [redirect]}],
        },
    )


def _service_account(client_id: Any) -> Manifest:
    account = manifest("v1", "ServiceAccount", SERVICE_ACCOUNT, GATEWAY.namespace)
    account["metadata"]["annotations"] = {"azure.workload.identity/client-id": client_id}
    account["metadata"]["labels"]["azure.workload.identity/use"] = "true"
    return account


def _external_dns(kind: str, zone_ids: Sequence[Any]) -> Manifest:
    name = f"applications-{kind}"
    return manifest(
        "approuting.kubernetes.azure.com/v1alpha1",
        "ClusterExternalDNS",
        name,
        spec={
            "resourceName": name,
            "resourceNamespace": GATEWAY.namespace,
            "dnsZoneResourceIDs": list(zone_ids),
            "resourceTypes": ["gateway"],
            "identity": {"type": "workloadIdentity", "serviceAccount": SERVICE_ACCOUNT},
        },
    )


def _waf_policy(policy_id: Any) -> Manifest:
    return manifest(
        "alb.networking.azure.io/v1",
        "WebApplicationFirewallPolicy",
        "applications",
        GATEWAY.namespace,
        spec={
            "targetRef": {
                "group": GATEWAY_API.partition("/")[0],
                "kind": "Gateway",
                "name": GATEWAY.name,
                "namespace": GATEWAY.namespace,
            },
            "webApplicationFirewall": {"id": policy_id},
        },
    )
