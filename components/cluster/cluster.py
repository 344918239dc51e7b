"""The AKS cluster, its node pools, and the DNS zone of a private API server."""

from __future__ import annotations

import base64
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_azure_native import containerservice

from components.azure.common import LONG_TIMEOUTS, CommonArgs
from components.azure.component import Component
from components.azure.resource_ids import subscription_id
from components.azure.role_assignments import grants
from components.azure.roles import Role
from components.cluster.lookup import AGIC, ClusterLookup
from components.cluster.network_profile import NetworkProfile
from components.cluster.node_pools import (
    ignored_count,
    ignored_password,
    ignored_versions,
    pool_properties,
)
from components.network.private_dns import private_dns_zone
from components.settings.cluster import ClusterSettings, NodePool


@dataclass(frozen=True)
class ApiServerDnsArgs:
    """Where a private API server's name is resolved."""

    virtual_network_ids: Mapping[str, pulumi.Input[str]]
    """Networks to link the zone to, by a key for the link's name."""
    cluster_network: str
    """Key of the network that the nodes are in."""


@dataclass(frozen=True)
class ClusterArgs:
    """What the cluster consists of."""

    common: CommonArgs
    resource_group_name: pulumi.Input[str]
    settings: ClusterSettings
    network_profile: NetworkProfile
    identity_id: pulumi.Input[str] | None
    """None for a service principal, which the settings then hold."""
    identity_principal_id: pulumi.Input[str]
    before: Sequence[pulumi.Resource]
    """What must exist before the cluster: the identity's roles, the way out of the network."""
    subnet_ids: Mapping[str, pulumi.Input[str]]
    egress_addresses: Sequence[pulumi.Input[str]]
    """The public addresses that the nodes' connections come from, as far as they are known."""
    private_dns: ApiServerDnsArgs | None
    """Only for a private cluster."""
    app_routing: bool
    """Whether the application routing add-on is on, with the Key Vault secrets provider."""
    app_routing_zone_ids: Sequence[pulumi.Input[str]]
    """DNS zones in which the add-on keeps records."""
    defender_workspace_id: pulumi.Input[str] | None = None
    """Where Microsoft Defender for Containers reports to; None leaves its sensor out."""
    azure_policy: bool = False
    """Whether the Azure Policy add-on is on."""
    application_gateway_id: pulumi.Input[str] | None = None
    """The gateway that the AGIC add-on drives; None leaves the add-on out."""


class Cluster(Component):
    """A managed cluster with one System pool inside, and every other pool a resource of its own.

    Sign-in is by Entra ID only: local accounts are off.
    """

    resource: containerservice.ManagedCluster
    """The cluster itself, for what is to be deleted with it."""
    cluster_id: pulumi.Output[str]
    """The cluster's resource id."""
    name: pulumi.Output[str]
    """The cluster's Azure name."""
    fqdn: pulumi.Output[str]
    """Name of the API server: private for a private cluster, public otherwise."""
    node_resource_group_id: pulumi.Output[str]
    """Resource id of the group that AKS keeps the nodes in."""

    def __init__(
        self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        system = args.settings.system_pool
        if system is None:
            message = "a cluster needs a node pool of mode System"
            raise ValueError(message)
        zone_id, before = self._private_dns(name, args)
        self.resource = containerservice.ManagedCluster(
            f"{name}-aks",
            resource_name_=args.common.names.of("aks"),
            resource_group_name=args.resource_group_name,
            location=args.common.location,
            dns_prefix=None if zone_id else args.common.names.dns_prefix(),
            fqdn_subdomain=args.common.names.dns_prefix() if zone_id else None,
            node_resource_group=args.common.names.of("rg", "nodes"),
            kubernetes_version=args.settings.kubernetes_version,
            sku=containerservice.ManagedClusterSKUArgs(name="Base", tier=args.settings.tier),
            identity=_identity(args),
            service_principal_profile=_service_principal(args.settings),
            network_profile=args.network_profile.args(),
            api_server_access_profile=_api_server(args, zone_id),
            agent_pool_profiles=[
                containerservice.ManagedClusterAgentPoolProfileArgs(
                    name=system.name,
                    **_pool(system, args),
                )
            ],
            ingress_profile=_ingress(args),
            addon_profiles=_addons(args),
            windows_profile=_windows(args.settings),
            enable_rbac=True,
            disable_local_accounts=True,
            aad_profile=containerservice.ManagedClusterAADProfileArgs(
                managed=True,
                enable_azure_rbac=True,
                admin_group_object_ids=list(args.settings.admin_group_object_ids) or None,
            ),
            oidc_issuer_profile=containerservice.ManagedClusterOIDCIssuerProfileArgs(enabled=True),
            security_profile=containerservice.ManagedClusterSecurityProfileArgs(
                workload_identity=containerservice.ManagedClusterSecurityProfileWorkloadIdentityArgs(
                    enabled=True
                ),
                image_cleaner=containerservice.ManagedClusterSecurityProfileImageCleanerArgs(
                    enabled=True, interval_hours=168
                ),
                defender=_defender(args.defender_workspace_id),
            ),
            auto_upgrade_profile=containerservice.ManagedClusterAutoUpgradeProfileArgs(
                upgrade_channel=args.settings.upgrade_channel,
                node_os_upgrade_channel=args.settings.node_os_upgrade_channel,
            ),
            support_plan="KubernetesOfficial",
            tags=args.common.tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=args.common.protect,
                depends_on=[*args.before, *before],
                ignore_changes=[
                    *ignored_count(system, "agentPoolProfiles[0].count"),
                    *ignored_versions(args.settings),
                    *ignored_password(args.settings),
                ],
                custom_timeouts=LONG_TIMEOUTS,
            ),
        )
        self.cluster_id = self.resource.id
        self.name = self.resource.name
        self._azure_name = args.common.names.of("aks")
        self._resource_group_name = args.resource_group_name
        self._agent_pools(name, args, system)
        self._outputs(args)
        self.register_outputs({"fqdn": self.fqdn})

    def _private_dns(
        self, name: str, args: ClusterArgs
    ) -> tuple[pulumi.Output[str] | None, list[pulumi.Resource]]:
        """The private API server's zone, linked to both networks, with the identity's roles.

        AKS asks for Private DNS Zone Contributor on a zone that is brought along and Network
        Contributor on the network that it is linked to ("Create a private AKS cluster", custom
        private DNS zone); the subnet alone is not enough there. It makes a link of its own to the
        nodes' network, unless there is one (Azure/AKS#2711).
        """
        dns = args.private_dns
        if dns is None:
            return None, []
        common = args.common
        network_id = dns.virtual_network_ids[dns.cluster_network]
        dns_zone = private_dns_zone(
            f"{name}-api-zone",
            common=common,
            zone_name=api_server_zone(args.settings, common.location),
            resource_group_name=args.resource_group_name,
            virtual_network_ids=dns.virtual_network_ids,
            parent=self,
        )
        granted = grants(
            name,
            {
                "zone-contributor": (Role.PRIVATE_DNS_ZONE_CONTRIBUTOR, dns_zone.zone.id),
                "vnet-contributor": (Role.NETWORK_CONTRIBUTOR, network_id),
            },
            names=common.names,
            principal_id=args.identity_principal_id,
            parent=self,
        )
        return dns_zone.zone.id, [dns_zone.links[dns.cluster_network], *granted]

    def _agent_pools(self, name: str, args: ClusterArgs, system: NodePool) -> None:
        for pool in args.settings.node_pools:
            if pool is system:
                continue
            containerservice.AgentPool(
                f"{name}-pool-{pool.name}",
                agent_pool_name=pool.name,
                resource_group_name=args.resource_group_name,
                resource_name_=self.resource.name,
                **_pool(pool, args),
                tags=args.common.tags,
                opts=pulumi.ResourceOptions(
                    parent=self,
                    # Azure deletes a cluster with its pools, at once.
                    deleted_with=self.resource,
                    ignore_changes=[
                        *ignored_count(pool, "count"),
                        *(["orchestratorVersion"] if ignored_versions(args.settings) else []),
                    ],
                    custom_timeouts=LONG_TIMEOUTS,
                ),
            )

    def _outputs(self, args: ClusterArgs) -> None:
        if args.settings.private:
            self.fqdn = self.resource.private_fqdn.apply(lambda text: text or "")
        else:
            self.fqdn = self.resource.fqdn.apply(lambda text: text or "")
        self.node_resource_group_id = pulumi.Output.concat(
            "/subscriptions/",
            self.resource.id.apply(subscription_id),
            "/resourceGroups/",
            self.resource.node_resource_group.apply(lambda group: group or ""),
        )

    @functools.cached_property
    def reading(self) -> ClusterLookup:
        """What the cluster has brought forth, read from it; only where it is used."""
        return ClusterLookup(
            self.resource, name=self._azure_name, resource_group_name=self._resource_group_name
        )

    def kubeconfig(self) -> pulumi.Output[str]:
        """Secret. The user's kubeconfig, which signs in by kubelogin.

        Read only where it is used: Azure wants a right for it that Reader does not include
        (Azure Kubernetes Service Cluster User Role).
        """
        credentials = containerservice.list_managed_cluster_user_credentials_output(
            resource_group_name=self._resource_group_name,
            resource_name=self.resource.name,
            format="exec",
            opts=pulumi.InvokeOutputOptions(parent=self),
        )
        return pulumi.Output.secret(
            credentials.kubeconfigs.apply(
                lambda configs: base64.b64decode(configs[0].value).decode()
            )
        )


def api_server_zone(settings: ClusterSettings, location: str) -> str:
    """The private zone's name, which Azure prescribes ("Create a private AKS cluster")."""
    head = "private" if settings.api_server_vnet_integration else "privatelink"
    return f"{head}.{location}.azmk8s.io"


def _pool(pool: NodePool, args: ClusterArgs) -> dict[str, Any]:
    return pool_properties(
        pool,
        args.subnet_ids,
        args.settings.kubernetes_version,
        args.network_profile.pod_allocation,
    )


def _identity(args: ClusterArgs) -> containerservice.ManagedClusterIdentityArgs | None:
    if args.identity_id is None:
        return None
    return containerservice.ManagedClusterIdentityArgs(
        type=containerservice.ResourceIdentityType.USER_ASSIGNED,
        user_assigned_identities=[args.identity_id],
    )


def _service_principal(
    settings: ClusterSettings,
) -> containerservice.ManagedClusterServicePrincipalProfileArgs | None:
    application = settings.identity.service_principal
    if application is None:
        return None
    return containerservice.ManagedClusterServicePrincipalProfileArgs(
        client_id=application.client_id,
        secret=pulumi.Output.secret(application.client_secret.get_secret_value()),
    )


def _api_server(
    args: ClusterArgs, zone_id: pulumi.Output[str] | None
) -> containerservice.ManagedClusterAPIServerAccessProfileArgs:
    settings = args.settings
    integrated = settings.api_server_vnet_integration or None
    subnet_id = args.subnet_ids["apiServer"] if integrated else None
    if settings.private:
        return containerservice.ManagedClusterAPIServerAccessProfileArgs(
            enable_private_cluster=True,
            enable_private_cluster_public_fqdn=False,
            enable_vnet_integration=integrated,
            subnet_id=subnet_id,
            private_dns_zone=zone_id,
            disable_run_command=True,
        )
    return containerservice.ManagedClusterAPIServerAccessProfileArgs(
        enable_private_cluster=False,
        enable_vnet_integration=integrated,
        subnet_id=subnet_id,
        authorized_ip_ranges=_authorized_ranges(args),
        disable_run_command=True,
    )


def _authorized_ranges(args: ClusterArgs) -> list[pulumi.Input[str]] | None:
    """The given ranges, and the addresses that the nodes themselves come from.

    AKS adds its own load balancer's address only (aks/api-server-authorized-ip-ranges).
    """
    if not args.settings.authorized_ip_ranges:
        return None
    nodes = [pulumi.Output.concat(address, "/32") for address in args.egress_addresses]
    return [*args.settings.authorized_ip_ranges, *nodes]


def _ingress(args: ClusterArgs) -> containerservice.ManagedClusterIngressProfileArgs:
    """The add-on makes no controller of its own: the controllers are declared in the cluster."""
    if not args.app_routing:
        return containerservice.ManagedClusterIngressProfileArgs(
            web_app_routing=containerservice.ManagedClusterIngressProfileWebAppRoutingArgs(
                enabled=False
            )
        )
    return containerservice.ManagedClusterIngressProfileArgs(
        web_app_routing=containerservice.ManagedClusterIngressProfileWebAppRoutingArgs(
            enabled=True,
            dns_zone_resource_ids=list(args.app_routing_zone_ids) or None,
            nginx=containerservice.ManagedClusterIngressProfileNginxArgs(
                default_ingress_controller_type="None"
            ),
        )
    )


def _addons(args: ClusterArgs) -> dict[str, containerservice.ManagedClusterAddonProfileArgs]:
    """All add-ons. What is off is written out: a write that leaves one out need not remove it."""
    addon = containerservice.ManagedClusterAddonProfileArgs
    off = addon(enabled=False)
    rotation = {"enableSecretRotation": "true", "rotationPollInterval": "2m"}
    gateway_id = args.application_gateway_id
    return {
        "azurepolicy": addon(enabled=args.azure_policy),
        "azureKeyvaultSecretsProvider": addon(enabled=True, config=rotation)
        if args.app_routing
        else off,
        AGIC: off
        if gateway_id is None
        else addon(enabled=True, config={"applicationGatewayId": gateway_id}),
    }


def _defender(
    workspace_id: pulumi.Input[str] | None,
) -> containerservice.ManagedClusterSecurityProfileDefenderArgs:
    return containerservice.ManagedClusterSecurityProfileDefenderArgs(
        log_analytics_workspace_resource_id=workspace_id,
        security_monitoring=containerservice.ManagedClusterSecurityProfileDefenderSecurityMonitoringArgs(
            enabled=workspace_id is not None
        ),
    )


def _windows(
    settings: ClusterSettings,
) -> containerservice.ManagedClusterWindowsProfileArgs | None:
    if settings.windows is None:
        return None
    return containerservice.ManagedClusterWindowsProfileArgs(
        admin_username=settings.windows.admin_username,
        admin_password=pulumi.Output.secret(settings.windows.admin_password.get_secret_value()),
        enable_csi_proxy=True,
    )
