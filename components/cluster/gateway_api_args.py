"""Arguments of a cluster's Gateway API, which the SDK lacks: see `components.azure.api_versions`.

Import this module in the function that uses it: it needs the SDK's classes, which are imported
while the program checks its settings (`components.deployment.sdk`).
"""

# pyright: reportUnknownMemberType=false
# pulumi.get and pulumi.set have no types.

from __future__ import annotations

from enum import StrEnum

import pulumi
from pulumi_azure_native import containerservice


class GatewayApiInstallation(StrEnum):
    """Who installs the definitions of the Gateway API in the cluster."""

    DISABLED = "Disabled"
    STANDARD = "Standard"
    """AKS installs and upgrades those of the standard channel."""


class AppRoutingIstioMode(StrEnum):
    """Whether application routing runs its implementation of the Gateway API."""

    DISABLED = "Disabled"
    ENABLED = "Enabled"


@pulumi.input_type
class GatewayConfigurationArgs:
    """`ingressProfile.gatewayAPI` (ManagedClusterIngressProfileGatewayConfiguration).

    Source: Azure/bicep-types-az, generated/containerservice/microsoft.containerservice/2026-03-01;
    Microsoft Learn: aks/managed-gateway-api.
    """

    def __init__(self, *, installation: pulumi.Input[str]) -> None:
        pulumi.set(self, "installation", installation)

    @property
    @pulumi.getter
    def installation(self) -> pulumi.Input[str]:
        """A `GatewayApiInstallation`."""
        return pulumi.get(self, "installation")


@pulumi.input_type
class AppRoutingIstioArgs:
    """`…webAppRouting.gatewayAPIImplementations.appRoutingIstio` (ManagedClusterAppRoutingIstio).

    Source: as above; Microsoft Learn: aks/app-routing-gateway-api.
    """

    def __init__(self, *, mode: pulumi.Input[str]) -> None:
        pulumi.set(self, "mode", mode)

    @property
    @pulumi.getter
    def mode(self) -> pulumi.Input[str]:
        """An `AppRoutingIstioMode`."""
        return pulumi.get(self, "mode")


@pulumi.input_type
class GatewayApiImplementationsArgs:
    """`ingressProfile.webAppRouting.gatewayAPIImplementations`.

    Source: as above (ManagedClusterWebAppRoutingGatewayAPIImplementations).
    """

    def __init__(self, *, app_routing_istio: pulumi.Input[AppRoutingIstioArgs]) -> None:
        pulumi.set(self, "app_routing_istio", app_routing_istio)

    @property
    @pulumi.getter(name="appRoutingIstio")
    def app_routing_istio(self) -> pulumi.Input[AppRoutingIstioArgs]:
        """Application routing's own implementation, which is based on Istio."""
        return pulumi.get(self, "app_routing_istio")


class WebAppRoutingArgs(containerservice.ManagedClusterIngressProfileWebAppRoutingArgs):
    """`ingressProfile.webAppRouting` with what the version adds."""

    def __init__(
        self,
        *,
        dns_zone_resource_ids: pulumi.Input[list[pulumi.Input[str]]] | None = None,
        enabled: pulumi.Input[bool] | None = None,
        nginx: pulumi.Input[containerservice.ManagedClusterIngressProfileNginxArgs] | None = None,
        gateway_api_implementations: pulumi.Input[GatewayApiImplementationsArgs] | None = None,
    ) -> None:
        super().__init__(dns_zone_resource_ids=dns_zone_resource_ids, enabled=enabled, nginx=nginx)
        if gateway_api_implementations is not None:
            pulumi.set(self, "gateway_api_implementations", gateway_api_implementations)

    @property
    @pulumi.getter(name="gatewayAPIImplementations")
    def gateway_api_implementations(
        self,
    ) -> pulumi.Input[GatewayApiImplementationsArgs] | None:
        """The add-on's implementations of the Gateway API."""
        return pulumi.get(self, "gateway_api_implementations")


class IngressProfileArgs(containerservice.ManagedClusterIngressProfileArgs):
    """`ingressProfile` with what the version adds."""

    def __init__(
        self,
        *,
        web_app_routing: pulumi.Input[WebAppRoutingArgs] | None = None,
        gateway_api: pulumi.Input[GatewayConfigurationArgs] | None = None,
    ) -> None:
        super().__init__(web_app_routing=web_app_routing)
        if gateway_api is not None:
            pulumi.set(self, "gateway_api", gateway_api)

    @property
    @pulumi.getter(name="gatewayAPI")
    def gateway_api(self) -> pulumi.Input[GatewayConfigurationArgs] | None:
        """The Gateway API's definitions in the cluster."""
        return pulumi.get(self, "gateway_api")
