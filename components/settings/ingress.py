"""Settings of what stands between the Internet and the applications."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Tag

from components.settings.values import DnsName, IngressClassName, KubernetesName, Section
from components.settings.waf import Certificate, ExternalWaf, GatewayWaf

__all__ = ["AppRoutingSettings", "Certificate", "ExternalWaf", "GatewayWaf", "IngressSettings"]


def _kind_of_waf(value: Any) -> str | None:
    if isinstance(value, str | None):
        return "none" if value in {"none", None} else None
    if isinstance(value, dict):
        return "external" if "external" in value else "gateway"
    return "external" if isinstance(value, ExternalWaf) else "gateway"


Waf = Annotated[
    Annotated[GatewayWaf, Tag("gateway")]
    | Annotated[ExternalWaf, Tag("external")]
    | Annotated[Literal["none"], Tag("none")],
    Discriminator(
        _kind_of_waf,
        custom_error_type="literal_error",
        custom_error_context={"expected": "none, or an object with the settings of the firewall"},
    ),
]

Controller = Literal[
    "app-routing",
    "application-gateway-for-containers",
    "agic",
    "traefik",
    "contour",
    "haproxy",
    "none",
]

BY_CHART = frozenset({"traefik", "contour", "haproxy"})
"""Controllers that a Helm chart installs."""
DRIVES_A_GATEWAY = frozenset({"agic", "application-gateway-for-containers"})
"""Controllers whose requests come straight from a gateway outside the cluster to the pods."""


class AppRoutingSettings(Section):
    """The application routing add-on, `controller: app-routing`."""

    implementation: Literal["nginx", "gateway-api"] = "nginx"
    """Managed NGINX leaves support in November 2026; the Gateway API implementation follows it."""
    internal_class: IngressClassName | None = None
    """Class of a second NGINX controller, with a private address that clients inside the networks
    reach without passing any firewall; for applications that say `internal: true`."""
    gateway_api_enabled: bool = False
    """Confirms that the cluster has it. The provider's API version (2025-09-01) cannot switch it
    on; it takes `az aks update --enable-gateway-api --enable-app-routing-istio` once. Until it is
    confirmed, no Gateway is made and no request reaches an application."""


class IngressSettings(Section):
    """`aks-network:ingress`: ingress controller, DNS zones, certificates, firewall."""

    controller: Controller = "app-routing"
    """What leads requests to the applications; `none` where someone else installs it."""
    app_routing: AppRoutingSettings = AppRoutingSettings()
    """Of `controller: app-routing`."""
    controller_namespace: KubernetesName | None = None
    """With `controller: none`, the namespace of a controller that someone else installs."""
    exposure: Literal["internal", "external"] = "internal"
    """Whether the controller has a private address in the ingress subnet, or a public one."""
    public_dns_zones: tuple[DnsName, ...] = ()
    """Zones that are made in Azure's public DNS, for the applications' hosts."""
    private_dns_zones: tuple[DnsName, ...] = ()
    """Zones that are made and linked to both networks, for hosts inside them."""
    waf: Waf = "none"
    """Azure's own firewall by its settings, `external` for a third party's, or `none`."""

    @property
    def has_load_balancer(self) -> bool:
        """Whether the controller stands behind a load balancer of the cluster's."""
        return self.controller not in DRIVES_A_GATEWAY and self.controller != "none"

    @property
    def internal_addresses(self) -> int:
        """How many private addresses controllers have, behind load balancers of the cluster's."""
        if not self.has_load_balancer:
            return 0
        return (self.exposure == "internal") + (self.app_routing.internal_class is not None)

    @property
    def has_application_gateway(self) -> bool:
        """Whether there is an Application Gateway WAF_v2."""
        return (
            isinstance(self.waf, GatewayWaf)
            and self.controller != "application-gateway-for-containers"
        )

    @property
    def uses_gateway_api(self) -> bool:
        """Whether applications are reached by a Gateway and HTTPRoutes instead of Ingress."""
        if self.controller == "app-routing":
            return self.app_routing.implementation == "gateway-api"
        return self.controller == "application-gateway-for-containers"

    @property
    def certificate_vault_id(self) -> str | None:
        """Another's vault that holds the certificate and that this program may grant roles on."""
        if isinstance(self.waf, GatewayWaf) and self.waf.certificate:
            return self.waf.certificate.vault_id
        return None
