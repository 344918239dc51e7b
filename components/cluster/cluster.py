"""The AKS cluster, its node pools, and the private DNS zone of a private API server."""

from __future__ import annotations

import base64
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_azure_native import containerservice

from components.addressing import SubnetKey
from components.azure.api_versions import MANAGED_CLUSTERS, VersionProvider, at_version
from components.azure.common import LONG_TIMEOUTS, CommonArgs
from components.azure.component import Component
from components.azure.resource_ids import subscription_id
from components.azure.role_assignments import grants
from components.azure.role_propagation import retries
from components.azure.roles import Role
from components.cluster import profiles
from components.cluster.lookup import ClusterLookup
from components.cluster.maintenance import maintenance_configurations
from components.cluster.network_profile import NetworkProfile
from components.cluster.node_pools import ignored_by_cluster, ignored_by_pool, pool_properties
from components.network.private_dns import private_dns_zone
from components.settings.cluster import ClusterSettings, NodePool
from components.settings.private_dns import api_server_zone, existing_zone


@dataclass(frozen=True)
class ApiServerDnsArgs:
    """The zone of a private API server, and the virtual networks in which its name resolves."""

    virtual_network_ids: Mapping[str, pulumi.Input[str]]
    """Resource ids of the networks that are linked to the zone, by a key for the link's name."""
    cluster_network: str
    """The key of the network with the nodes."""
    existing_zone_ids: Sequence[str] = ()
    """Resource ids of other teams' zones, one of which may be the API server's."""


@dataclass(frozen=True)
class ClusterArgs:
    """The cluster's settings and the resources that it uses."""

    common: CommonArgs
    resource_group_name: pulumi.Input[str]
    settings: ClusterSettings
    network_profile: NetworkProfile
    identity_id: pulumi.Input[str] | None
    """Resource id of the user-assigned identity; None for a service principal."""
    identity_principal_id: pulumi.Input[str]
    depends_on: Sequence[pulumi.Resource]
    """What must exist before the cluster: the identity's role assignments, the network's egress."""
    subnet_ids: Mapping[str, pulumi.Input[str]]
    """Resource ids of the subnets, by key."""
    egress_addresses: Sequence[pulumi.Input[str]]
    """The public addresses of the nodes' outbound connections, as far as they are known."""
    private_dns: ApiServerDnsArgs | None
    """None for a public API server."""
    app_routing: bool
    """Whether the application routing and the Key Vault secrets provider add-ons are on."""
    app_routing_zone_ids: Sequence[pulumi.Input[str]]
    """Resource ids of the DNS zones in which application routing manages the records of Ingress
    objects."""
    gateway_api: bool = False
    """Whether application routing serves Gateways, too."""
    defender_workspace_id: pulumi.Input[str] | None = None
    """The workspace of Microsoft Defender for Containers; None turns its sensor off."""
    azure_policy: bool = False
    """Whether the Azure Policy add-on is on."""
    application_gateway_id: pulumi.Input[str] | None = None
    """The gateway that the AGIC add-on configures; None turns the add-on off."""
    last_version: str | None = None
    """The Kubernetes version in the settings of the last run, None if unknown. If it is the same
    now, the versions that Azure or an operator has installed since then stay."""


class Cluster(Component):
    """A managed cluster with one System pool; every other pool is a separate resource.

    Sign-in is by Entra ID only: local accounts are off.
    """

    resource: containerservice.ManagedCluster
    """The cluster itself, for the option `deleted_with` of other resources."""
    node_pools: Sequence[containerservice.AgentPool]
    """The node pools that are resources of their own: all but the first System pool."""
    cluster_id: pulumi.Output[str]
    """The cluster's resource id."""
    name: pulumi.Output[str]
    """The cluster's Azure name."""
    windows_images: Mapping[str, pulumi.Output[str | None]]
    """By the name of a Windows pool, its operating system image as Azure has it."""
    fqdn: pulumi.Output[str]
    """The API server's FQDN: the private one of a private cluster, or else the public one."""
    node_resource_group_id: pulumi.Output[str]
    """Resource id of the resource group that AKS creates for the nodes."""

    def __init__(
        self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        system_pool = args.settings.system_pool
        if system_pool is None:
            message = "a cluster needs a node pool of mode System"
            raise ValueError(message)
        self._azure_name = args.common.names.of("aks")
        self._resource_group_name = args.resource_group_name
        self._provider = VersionProvider(
            f"{name}-provider", MANAGED_CLUSTERS, pulumi.ResourceOptions(parent=self)
        )
        zone_id, zone_ready = self._private_dns(name, args)
        self.resource = self._managed_cluster(
            name, args, system_pool, zone_id, [*args.depends_on, *zone_ready]
        )
        pools = [pool for pool in args.settings.node_pools if pool is not system_pool]
        self.node_pools = [self._agent_pool(name, args, pool) for pool in pools]
        self.windows_images = {
            pool.name: resource.os_sku
            for pool, resource in zip(pools, self.node_pools, strict=True)
            if pool.os == "Windows"
        }
        maintenance_configurations(
            name,
            args.settings.maintenance,
            resource_group_name=args.resource_group_name,
            cluster=self.resource,
            parent=self,
        )
        self.cluster_id = self.resource.id
        self.name = self.resource.name
        fqdn = self.resource.private_fqdn if args.settings.private else self.resource.fqdn
        self.fqdn = fqdn.apply(lambda text: text or "")
        self.node_resource_group_id = pulumi.Output.concat(
            "/subscriptions/",
            self.resource.id.apply(subscription_id),
            "/resourceGroups/",
            self.resource.node_resource_group.apply(lambda group: group or ""),
        )
        self.register_outputs({"fqdn": self.fqdn})

    def _private_dns(
        self, name: str, args: ClusterArgs
    ) -> tuple[pulumi.Output[str] | None, list[pulumi.Resource]]:
        """The private zone's id and the resources that must exist before the cluster.

        AKS requires Private DNS Zone Contributor on a custom zone, of any owner. It creates a
        link to the nodes' network unless there is one (Azure/AKS#2711). For this it needs
        virtualNetworks/join/action, which the role on the subnets does not have. "Create a private
        AKS cluster" names Network Contributor on the network; Private DNS Zone Contributor has this
        action, too, and none on subnets, peerings or security groups
        (github.com/mspnp/aks-baseline).
        """
        dns = args.private_dns
        if dns is None:
            return None, []
        settings = args.settings
        zone_name = api_server_zone(
            args.common.location, vnet_integration=settings.api_server_vnet_integration
        )
        dns_zone = private_dns_zone(
            f"{name}-api-zone",
            common=args.common,
            zone_name=zone_name,
            existing_zone_id=existing_zone(dns.existing_zone_ids, zone_name),
            resource_group_name=args.resource_group_name,
            virtual_network_ids=dns.virtual_network_ids,
            parent=self,
        )
        network_id = dns.virtual_network_ids[dns.cluster_network]
        role_assignments = grants(
            name,
            {
                "zone-contributor": (Role.PRIVATE_DNS_ZONE_CONTRIBUTOR, dns_zone.id),
                "vnet-contributor": (Role.PRIVATE_DNS_ZONE_CONTRIBUTOR, network_id),
            },
            names=args.common.names,
            principal_id=args.identity_principal_id,
            parent=self,
        )
        link = dns_zone.links.get(dns.cluster_network)
        return dns_zone.id, [*([link] if link else []), *role_assignments]

    def _managed_cluster(
        self,
        name: str,
        args: ClusterArgs,
        system_pool: NodePool,
        private_zone_id: pulumi.Output[str] | None,
        depends_on: Sequence[pulumi.Resource],
    ) -> containerservice.ManagedCluster:
        common, settings = args.common, args.settings
        integrated = settings.api_server_vnet_integration
        return at_version(containerservice.ManagedCluster)(
            f"{name}-aks",
            resource_name_=common.names.of("aks"),
            resource_group_name=args.resource_group_name,
            location=common.location,
            dns_prefix=None if private_zone_id else common.names.dns_prefix(),
            fqdn_subdomain=common.names.dns_prefix() if private_zone_id else None,
            node_resource_group=common.names.of("rg", "nodes"),
            kubernetes_version=settings.kubernetes_version,
            sku=containerservice.ManagedClusterSKUArgs(name="Base", tier=settings.tier),
            identity=profiles.identity(args.identity_id),
            service_principal_profile=profiles.service_principal(settings),
            network_profile=args.network_profile.args(),
            api_server_access_profile=profiles.api_server(
                settings,
                private_zone_id=private_zone_id,
                subnet_id=args.subnet_ids[SubnetKey.API_SERVER] if integrated else None,
                egress_addresses=args.egress_addresses,
            ),
            agent_pool_profiles=[
                containerservice.ManagedClusterAgentPoolProfileArgs(
                    name=system_pool.name, **_pool(system_pool, args, version=None)
                )
            ],
            ingress_profile=profiles.ingress(
                app_routing=args.app_routing,
                gateway_api=args.gateway_api,
                zone_ids=args.app_routing_zone_ids,
            ),
            addon_profiles=profiles.addons(
                azure_policy=args.azure_policy,
                key_vault_secrets=args.app_routing,
                application_gateway_id=args.application_gateway_id,
            ),
            windows_profile=profiles.windows(settings),
            enable_rbac=True,
            disable_local_accounts=True,
            aad_profile=profiles.entra(settings),
            oidc_issuer_profile=containerservice.ManagedClusterOIDCIssuerProfileArgs(enabled=True),
            security_profile=profiles.security(args.defender_workspace_id),
            auto_upgrade_profile=profiles.auto_upgrade(settings),
            support_plan=settings.effective_support_plan,
            tags=common.tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                provider=self._provider,
                protect=common.protect,
                depends_on=list(depends_on),
                ignore_changes=ignored_by_cluster(
                    settings, system_pool, last_version=args.last_version
                ),
                custom_timeouts=LONG_TIMEOUTS,
                hooks=retries(f"{name}-aks"),
            ),
        )

    def _agent_pool(
        self, name: str, args: ClusterArgs, pool: NodePool
    ) -> containerservice.AgentPool:
        return at_version(containerservice.AgentPool)(
            f"{name}-pool-{pool.name}",
            agent_pool_name=pool.name,
            resource_group_name=args.resource_group_name,
            resource_name_=self.resource.name,
            **_pool(pool, args, version=args.settings.kubernetes_version),
            tags=args.common.tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                provider=self._provider,
                # Azure deletes the pools together with the cluster.
                deleted_with=self.resource,
                ignore_changes=ignored_by_pool(args.settings, pool, last_version=args.last_version),
                custom_timeouts=LONG_TIMEOUTS,
                hooks=retries(f"{name}-pool-{pool.name}"),
            ),
        )

    @functools.cached_property
    def lookup(self) -> ClusterLookup:
        """What AKS creates with the cluster, looked up only where it is used."""
        return ClusterLookup(
            self.resource, name=self._azure_name, resource_group_name=self._resource_group_name
        )

    def kubeconfig(self) -> pulumi.Output[str]:
        """Secret. The user's kubeconfig, which signs in with kubelogin.

        It is read only where it is used: reading it requires the role Azure Kubernetes Service
        Cluster User, which is more than Reader.
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


def _pool(pool: NodePool, args: ClusterArgs, *, version: str | None) -> dict[str, Any]:
    allocation = args.network_profile.pod_allocation
    return pool_properties(args.settings, pool, args.subnet_ids, version, allocation)
