"""Settings of ingress: controller, DNS zones and web application firewall."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

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

AGC: Final = "application-gateway-for-containers"
"""Application Gateway for Containers."""

BY_CHART = frozenset({"traefik", "contour", "haproxy"})
"""Controllers that a Helm chart installs."""
DRIVES_A_GATEWAY = frozenset({"agic", AGC})
"""Controllers whose requests come straight from a gateway outside the cluster to the pods."""


class AppRoutingSettings(Section):
    """The application routing add-on, with `controller: app-routing`."""

    implementation: Literal["nginx", "gateway-api"] = "nginx"
    """The implementation of the add-on: managed NGINX, whose support ends in November 2026, or the
    Gateway API."""
    internal_class: IngressClassName | None = None
    """The ingress class of a second NGINX controller for applications with `internal: true`. It has
    a private IP address that clients inside the networks reach without a firewall. Without it,
    there is no second controller."""
    gateway_api_enabled: bool = False
    """Whether the Gateway API implementation is enabled on the cluster. The provider's API version
    (2025-09-01) cannot enable it: run `az aks update --enable-gateway-api
    --enable-app-routing-istio` once, then set this. Until then the program creates no Gateway, and
    no request reaches an application."""


class IngressSettings(Section):
    """`aks-network:ingress`: the ingress controller, DNS zones, certificates and firewall."""

    controller: Controller = "app-routing"
    """The ingress controller that sends requests to the applications. Use `none` if you install a
    controller yourself."""
    app_routing: AppRoutingSettings = AppRoutingSettings()
    """The settings of the application routing add-on, with `controller: app-routing`."""
    controller_namespace: KubernetesName | None = None
    """The namespace of the controller that you install yourself, with `controller: none`."""
    exposure: Literal["internal", "external"] = "internal"
    """Whether the ingress controller has a private IP address in the ingress subnet, or a public
    one. With `network.egress: firewall` or `appliance` it must be `internal`: a route sends the
    answers of a public one to the firewall, which drops them."""
    public_dns_zones: tuple[DnsName, ...] = ()
    """The public DNS zones that the program creates for the hosts of the applications."""
    private_dns_zones: tuple[DnsName, ...] = ()
    """The private DNS zones that the program creates and links to both networks, for internal
    hosts."""
    waf: Waf = "none"
    """The web application firewall: the settings of Azure's own, `external` for a third party's, or
    `none`."""

    @property
    def has_load_balancer(self) -> bool:
        """Whether the controller is behind a load balancer of the cluster."""
        return self.controller not in DRIVES_A_GATEWAY and self.controller != "none"

    @property
    def addon_manages_public_zones(self) -> bool:
        """Whether application routing manages records in the public zones."""
        return self.controller == "app-routing" and self.waf == "none"

    @property
    def program_manages_private_zones(self) -> bool:
        """Whether the program makes the hosts' records in the private zones.

        Application routing makes its own. Behind a third party's firewall a record would lead
        around the firewall, and with Azure Front Door around that. The address of a controller of
        your own is not known.
        """
        by_hand = self.controller in {"app-routing", "none"} or isinstance(self.waf, ExternalWaf)
        through_front_door = self.controller in DRIVES_A_GATEWAY and self.front_door_id is not None
        return not by_hand and not through_front_door

    @property
    def has_static_public_address(self) -> bool:
        """Whether the program creates the controller's public address.

        It does so where somebody must know the address: a third party's firewall, or public records
        that no add-on manages.
        """
        known = isinstance(self.waf, ExternalWaf) or self.controller in BY_CHART
        return self.has_load_balancer and self.exposure == "external" and known

    @property
    def front_door_id(self) -> str | None:
        """The ID of the Azure Front Door profile that is in front; None without one."""
        if isinstance(self.waf, ExternalWaf):
            return self.waf.external.front_door_id
        return self.waf.front_door_id if isinstance(self.waf, GatewayWaf) else None

    @property
    def internal_addresses(self) -> int:
        """How many private addresses controllers have, behind load balancers of the cluster's."""
        if not self.has_load_balancer:
            return 0
        return (self.exposure == "internal") + (self.app_routing.internal_class is not None)

    @property
    def has_application_gateway(self) -> bool:
        """Whether there is an Application Gateway WAF_v2."""
        return isinstance(self.waf, GatewayWaf) and self.controller != AGC

    @property
    def uses_alb(self) -> bool:
        """Whether Application Gateway for Containers is the controller."""
        return self.controller == AGC

    @property
    def uses_gateway_api(self) -> bool:
        """Whether applications are reached by a Gateway and HTTPRoutes instead of Ingress."""
        if self.controller == "app-routing":
            return self.app_routing.implementation == "gateway-api"
        return self.controller == AGC

    @property
    def certificate_vault_id(self) -> str | None:
        """Another's vault that holds the certificate and that this program may grant roles on."""
        if isinstance(self.waf, GatewayWaf) and self.waf.certificate:
            return self.waf.certificate.vault_id
        return None
