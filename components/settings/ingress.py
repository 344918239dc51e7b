"""Settings of ingress: controller, DNS zones and web application firewall."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, Literal

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


_GATEWAY_NUMBERS = (3, 4)
_NUMBERS = (1, 2)
"""The numbers of the private addresses in the ingress subnet: of the first controller, and of the
second, internal one. Those of Gateways differ from those of all others, so that application
routing's two implementations can run side by side, each at its own address."""


class AppRoutingSettings(Section):
    """The application routing add-on, with `controller: app-routing`."""

    removed: ClassVar[Mapping[str, str]] = {
        "gatewayApiEnabled": "the program itself enables the Gateway API on the cluster"
    }

    implementation: Literal["nginx", "gateway-api"] = "gateway-api"
    """The implementation of the add-on: the Gateway API, with a Gateway and HTTPRoutes, or managed
    NGINX, with Ingress objects, whose support ends in November 2026."""
    side_by_side: bool = False
    """Whether the other implementation runs, too, at an address of its own and without requests. It
    is a step of the migration from NGINX to the Gateway API."""
    internal_class: IngressClassName | None = None
    """The name of a second controller for applications with `internal: true`: of a second Gateway,
    or with `implementation: nginx` of a second ingress class. It has a private IP address that
    clients inside the networks reach without a firewall. The name of a Gateway begins with a
    letter and has no dots. Without it, there is no second controller."""


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
    def runs_nginx(self) -> bool:
        """Whether application routing's NGINX runs, with requests or beside the Gateway."""
        return "nginx" in self.app_routing_implementations

    @property
    def runs_gateway(self) -> bool:
        """Whether application routing's Gateway runs, with requests or beside NGINX."""
        return "gateway-api" in self.app_routing_implementations

    @property
    def app_routing_implementations(self) -> tuple[str, ...]:
        """Application routing's implementations that run, the one with the requests first."""
        if self.controller != "app-routing":
            return ()
        first = self.app_routing.implementation
        other = "nginx" if first == "gateway-api" else "gateway-api"
        return (first, other) if self.app_routing.side_by_side else (first,)

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
    def through_gateway(self) -> bool:
        """Whether requests come through application routing's Gateway."""
        return self.controller == "app-routing" and self.app_routing.implementation == "gateway-api"

    def numbers_of(self, *, gateway: bool) -> tuple[int, ...]:
        """Which addresses of the ingress subnet Gateways, or all other controllers, have, from 1.

        First that of the controller, if it is private, then that of the second, internal one.
        """
        first, internal = self._numbers(gateway=gateway)
        return (
            *((first,) if self.exposure == "internal" else ()),
            *((internal,) if self.app_routing.internal_class is not None else ()),
        )

    @property
    def address_numbers(self) -> frozenset[int]:
        """Which addresses of the ingress subnet are in use, from 1."""
        if not self.has_load_balancer:
            return frozenset()
        others = not self.runs_gateway or self.runs_nginx
        return frozenset(
            (
                *(self.numbers_of(gateway=True) if self.runs_gateway else ()),
                *(self.numbers_of(gateway=False) if others else ()),
            )
        )

    def _numbers(self, *, gateway: bool) -> tuple[int, int]:
        if gateway:
            return _GATEWAY_NUMBERS
        # An internal class beside a public controller has always had the first address.
        return _NUMBERS if self.exposure == "internal" else (_NUMBERS[0], _NUMBERS[0])

    @property
    def has_application_gateway(self) -> bool:
        """Whether there is an Application Gateway WAF_v2."""
        return isinstance(self.waf, GatewayWaf) and self.controller != AGC

    @property
    def uses_alb(self) -> bool:
        """Whether Application Gateway for Containers is the controller."""
        return self.controller == AGC

    @property
    def has_gateway_objects(self) -> bool:
        """Whether there is a Gateway with HTTPRoutes, whether or not requests come through it."""
        return self.runs_gateway or self.uses_alb

    @property
    def certificate_vault_id(self) -> str | None:
        """Another's vault that holds the certificate and that this program may grant roles on."""
        if isinstance(self.waf, GatewayWaf) and self.waf.certificate:
            return self.waf.certificate.vault_id
        return None
