"""The cluster and its identity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import resources

from components.addressing import NetworkModel, SubnetKey
from components.cluster.cluster import ApiServerDnsArgs, Cluster, ClusterArgs
from components.cluster.identity import ClusterIdentity, ClusterIdentityArgs
from components.cluster.network_profile import NetworkProfile
from components.deployment.context import DeploymentContext
from components.deployment.egress import egress_addresses
from components.deployment.ingress import IngressResources
from components.deployment.networks import (
    AnyClusterNetwork,
    AnyManagementNetwork,
    linked_networks,
    network_ids,
)
from components.network.egress_firewall import EgressFirewall

_CLUSTER_SUBNETS = frozenset(
    {SubnetKey.NODES, SubnetKey.PODS, SubnetKey.INGRESS, SubnetKey.API_SERVER}
)
"""Keys and families of the subnets in which AKS places nodes, pods, internal load balancers and the
API server: the subnets on which the cluster's identity needs its role."""


@dataclass(frozen=True)
class ClusterDependencies:
    """The resources that exist before the cluster."""

    resource_group: resources.ResourceGroup
    identity: ClusterIdentity
    network: AnyClusterNetwork
    management: AnyManagementNetwork
    egress_firewall: EgressFirewall | None
    ingress: IngressResources
    dns_servers: Sequence[pulumi.Resource]
    """The DNS servers of the cluster's network that the program creates."""
    workspace_id: pulumi.Input[str] | None
    last_version: str | None
    """The cluster's Kubernetes version after the last run; None where there was none."""


def identity(
    context: DeploymentContext,
    resource_group: resources.ResourceGroup,
    network: AnyClusterNetwork,
) -> ClusterIdentity:
    """The identity, with its role on the subnets that the cluster uses."""
    args = identity_args(
        context,
        resource_group_name=resource_group.name,
        subnet_ids=network.subnet_ids,
        route_table_id=network.route_table_id,
    )
    return ClusterIdentity(context.logical_name("identity"), args, context.opts)


def identity_args(
    context: DeploymentContext,
    *,
    resource_group_name: pulumi.Input[str],
    subnet_ids: Mapping[str, pulumi.Input[str]],
    route_table_id: pulumi.Input[str] | None,
) -> ClusterIdentityArgs:
    """The arguments of the identity; `subnet_ids` are all subnets of the cluster's network."""
    used = [
        subnet.key
        for subnet in context.plan.vnet("cluster").subnets
        if {subnet.key, subnet.demand.family} & _CLUSTER_SUBNETS
    ]
    kubenet = context.settings.network.model == NetworkModel.KUBENET
    return ClusterIdentityArgs(
        common=context.common,
        resource_group_name=resource_group_name,
        settings=context.settings.cluster.identity,
        subnet_ids={key: subnet_ids[key] for key in used},
        route_table_id=route_table_id if kubenet else None,
    )


def cluster(context: DeploymentContext, dependencies: ClusterDependencies) -> Cluster:
    """The cluster, which waits for its role assignments and its egress."""
    ingress, identity = dependencies.ingress, dependencies.identity
    firewall = ingress.web_application_firewall
    args = cluster_args(
        context,
        resource_group_name=dependencies.resource_group.name,
        identity_id=identity.identity_id,
        identity_principal_id=identity.principal_id,
        depends_on=_depends_on(context, dependencies),
        subnet_ids=dependencies.network.subnet_ids,
        egress_addresses=egress_addresses(dependencies.network, dependencies.egress_firewall),
        virtual_network_ids=network_ids(dependencies.network, dependencies.management),
        zone_ids=[
            zone_id
            for zone_ids in ingress.dns_and_key_vault.addon_zone_ids.values()
            for zone_id in zone_ids.values()
        ],
        application_gateway_id=firewall.gateway_id if firewall else None,
        workspace_id=dependencies.workspace_id,
        last_version=dependencies.last_version,
    )
    return Cluster(context.logical_name("cluster"), args, context.opts)


def cluster_args(
    context: DeploymentContext,
    *,
    resource_group_name: pulumi.Input[str],
    identity_id: pulumi.Input[str] | None,
    identity_principal_id: pulumi.Input[str],
    depends_on: Sequence[pulumi.Resource],
    subnet_ids: Mapping[str, pulumi.Input[str]],
    egress_addresses: Sequence[pulumi.Input[str]],
    virtual_network_ids: Mapping[str, pulumi.Input[str]],
    zone_ids: Sequence[pulumi.Input[str]],
    application_gateway_id: pulumi.Input[str] | None,
    workspace_id: pulumi.Input[str] | None,
    last_version: str | None = None,
) -> ClusterArgs:
    """The arguments of the cluster.

    Of the zones, the gateway and the workspace only those are passed on that the settings use.
    """
    settings, ingress = context.settings.cluster, context.settings.ingress
    observability = context.settings.observability
    return ClusterArgs(
        common=context.common,
        resource_group_name=resource_group_name,
        settings=settings,
        network_profile=NetworkProfile.of(context.settings.network),
        identity_id=identity_id,
        identity_principal_id=identity_principal_id,
        depends_on=depends_on,
        subnet_ids=subnet_ids,
        egress_addresses=egress_addresses,
        private_dns=ApiServerDnsArgs(
            virtual_network_ids=linked_networks(context, virtual_network_ids),
            cluster_network="cluster",
            existing_zone_ids=context.settings.network.private_dns.existing_zones,
        )
        if settings.private
        else None,
        app_routing=ingress.controller == "app-routing",
        app_routing_zone_ids=[] if ingress.through_gateway else zone_ids,
        gateway_api=ingress.runs_gateway,
        application_gateway_id=application_gateway_id if ingress.controller == "agic" else None,
        defender_workspace_id=workspace_id if observability.defender else None,
        azure_policy=observability.azure_policy,
        last_version=last_version,
    )


def _depends_on(
    context: DeploymentContext, dependencies: ClusterDependencies
) -> list[pulumi.Resource]:
    """The role assignments, the egress, and the last writes to the cluster's network.

    Azure refuses a cluster while its network is being written, by a subnet or a peering
    (VirtualNetworkNotInSucceededState). A peering that waits for a gateway is therefore created
    after the cluster (`networks.create_deferred_peerings`). But where the nodes need the peering
    when they start, for their egress or a DNS server, the cluster waits for it.
    """
    network, management = dependencies.network, dependencies.management
    firewall = dependencies.egress_firewall
    return [
        *dependencies.identity.grants,
        *network.routes,
        *(firewall.ready if firewall else []),
        *dependencies.dns_servers,
        *dependencies.ingress.origins_ready,
        *([network.last_subnet] if network.last_subnet else []),
        *(management.peerings if context.nodes_need_hub else management.peerings_without_gateway),
    ]
