"""The profiles of a managed cluster: pure functions that return typed arguments."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi_azure_native import containerservice

from components.cluster.lookup import AGIC
from components.settings.cluster import ClusterSettings


def identity(
    identity_id: pulumi.Input[str] | None,
) -> containerservice.ManagedClusterIdentityArgs | None:
    """The user-assigned identity; None for a service principal."""
    if identity_id is None:
        return None
    return containerservice.ManagedClusterIdentityArgs(
        type=containerservice.ResourceIdentityType.USER_ASSIGNED,
        user_assigned_identities=[identity_id],
    )


def service_principal(
    settings: ClusterSettings,
) -> containerservice.ManagedClusterServicePrincipalProfileArgs | None:
    """The service principal with its secret; None for a managed identity."""
    application = settings.identity.service_principal
    if application is None:
        return None
    return containerservice.ManagedClusterServicePrincipalProfileArgs(
        client_id=application.client_id,
        secret=pulumi.Output.secret(application.client_secret.get_secret_value()),
    )


def api_server(
    settings: ClusterSettings,
    *,
    private_zone_id: pulumi.Input[str] | None,
    subnet_id: pulumi.Input[str] | None,
    egress_addresses: Sequence[pulumi.Input[str]],
) -> containerservice.ManagedClusterAPIServerAccessProfileArgs:
    """The API server: private, or public for the authorized ranges.

    `subnet_id` is the subnet for API Server VNet Integration; None without it. `egress_addresses`
    are the public addresses of the nodes.
    """
    integrated = settings.api_server_vnet_integration or None
    if settings.private:
        return containerservice.ManagedClusterAPIServerAccessProfileArgs(
            enable_private_cluster=True,
            enable_private_cluster_public_fqdn=False,
            enable_vnet_integration=integrated,
            subnet_id=subnet_id,
            private_dns_zone=private_zone_id,
            disable_run_command=True,
        )
    return containerservice.ManagedClusterAPIServerAccessProfileArgs(
        enable_private_cluster=False,
        enable_vnet_integration=integrated,
        subnet_id=subnet_id,
        authorized_ip_ranges=_authorized_ranges(settings, egress_addresses),
        disable_run_command=True,
    )


def _authorized_ranges(
    settings: ClusterSettings, egress_addresses: Sequence[pulumi.Input[str]]
) -> list[pulumi.Input[str]] | None:
    """The ranges of the settings and the nodes' own addresses; None admits every client.

    AKS itself adds only the address of its load balancer (aks/api-server-authorized-ip-ranges).
    """
    if not settings.authorized_ip_ranges:
        return None
    nodes = [pulumi.Output.concat(address, "/32") for address in egress_addresses]
    return [*settings.authorized_ip_ranges, *nodes]


def entra(settings: ClusterSettings) -> containerservice.ManagedClusterAADProfileArgs:
    """Sign-in by Entra ID, with Azure RBAC for Kubernetes."""
    return containerservice.ManagedClusterAADProfileArgs(
        managed=True,
        enable_azure_rbac=True,
        admin_group_object_ids=list(settings.admin_group_object_ids) or None,
    )


def ingress(
    *, app_routing: bool, gateway_api: bool, zone_ids: Sequence[pulumi.Input[str]]
) -> containerservice.ManagedClusterIngressProfileArgs:
    """The application routing add-on with its DNS zones, without a default controller.

    The ingress controllers are Kubernetes objects (`components.kubernetes.ingress_plan`). With
    `gateway_api` the add-on also serves Gateways, by definitions that AKS manages. The add-on
    itself stays on with it: its operator fetches certificates and makes records
    (aks/app-routing-gateway-api-dns-tls). NGINX `None` is no default controller; controllers that
    exist as objects run on. What is off is explicit: leaving it out need not turn it off.
    """
    # A lazy import: it needs the SDK's classes, which load while the settings are checked.
    from components.cluster import gateway_api_args as args  # noqa: PLC0415

    installation, mode = args.GatewayApiInstallation, args.AppRoutingIstioMode
    implementations = args.GatewayApiImplementationsArgs(
        app_routing_istio=args.AppRoutingIstioArgs(
            mode=mode.ENABLED if gateway_api else mode.DISABLED
        )
    )
    routing = args.WebAppRoutingArgs(enabled=False, gateway_api_implementations=implementations)
    if app_routing:
        routing = args.WebAppRoutingArgs(
            enabled=True,
            dns_zone_resource_ids=list(zone_ids) or None,
            nginx=containerservice.ManagedClusterIngressProfileNginxArgs(
                default_ingress_controller_type="None"
            ),
            gateway_api_implementations=implementations,
        )
    return args.IngressProfileArgs(
        web_app_routing=routing,
        gateway_api=args.GatewayConfigurationArgs(
            installation=installation.STANDARD if gateway_api else installation.DISABLED
        ),
    )


def addons(
    *, azure_policy: bool, key_vault_secrets: bool, application_gateway_id: pulumi.Input[str] | None
) -> dict[str, containerservice.ManagedClusterAddonProfileArgs]:
    """All add-ons. Those that are off are explicit: leaving one out need not turn it off."""
    addon = containerservice.ManagedClusterAddonProfileArgs
    off = addon(enabled=False)
    rotation = {"enableSecretRotation": "true", "rotationPollInterval": "2m"}
    return {
        "azurepolicy": addon(enabled=azure_policy),
        "azureKeyvaultSecretsProvider": addon(enabled=True, config=rotation)
        if key_vault_secrets
        else off,
        AGIC: off
        if application_gateway_id is None
        else addon(enabled=True, config={"applicationGatewayId": application_gateway_id}),
    }


def security(
    defender_workspace_id: pulumi.Input[str] | None,
) -> containerservice.ManagedClusterSecurityProfileArgs:
    """Workload identity, image cleaner, and the Defender sensor where there is a workspace."""
    defender = containerservice.ManagedClusterSecurityProfileDefenderArgs(
        log_analytics_workspace_resource_id=defender_workspace_id,
        security_monitoring=containerservice.ManagedClusterSecurityProfileDefenderSecurityMonitoringArgs(
            enabled=defender_workspace_id is not None
        ),
    )
    return containerservice.ManagedClusterSecurityProfileArgs(
        workload_identity=containerservice.ManagedClusterSecurityProfileWorkloadIdentityArgs(
            enabled=True
        ),
        image_cleaner=containerservice.ManagedClusterSecurityProfileImageCleanerArgs(
            enabled=True, interval_hours=168
        ),
        defender=defender,
    )


def auto_upgrade(
    settings: ClusterSettings,
) -> containerservice.ManagedClusterAutoUpgradeProfileArgs:
    """The channels for upgrades of Kubernetes and of the node images."""
    return containerservice.ManagedClusterAutoUpgradeProfileArgs(
        upgrade_channel=settings.upgrade_channel,
        node_os_upgrade_channel=settings.node_os_upgrade_channel,
    )


def windows(
    settings: ClusterSettings,
) -> containerservice.ManagedClusterWindowsProfileArgs | None:
    """The administrator of Windows nodes; None for a cluster without such a setting."""
    if settings.windows is None:
        return None
    return containerservice.ManagedClusterWindowsProfileArgs(
        admin_username=settings.windows.admin_username,
        admin_password=pulumi.Output.secret(settings.windows.admin_password.get_secret_value()),
        enable_csi_proxy=True,
    )
