"""The cluster and the identity that it acts by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import resources

from components.addressing import NetworkModel
from components.cluster.cluster import ApiServerDnsArgs, Cluster, ClusterArgs
from components.cluster.identity import ClusterIdentity, ClusterIdentityArgs
from components.cluster.network_profile import NetworkProfile
from components.deployment import stack_outputs
from components.deployment.context import DeploymentContext
from components.deployment.ingress import IngressResources
from components.deployment.networks import Management, Network, egress_addresses, network_ids
from components.network.egress_firewall import EgressFirewall

USED_SUBNETS = frozenset({"nodes", "pods", "ingress", "apiServer"})
"""Roles and families of the subnets into which the cluster itself puts nodes, pods, load balancers
and its API server."""


@dataclass(frozen=True)
class ClusterDependencies:
    """What is there depends_on the cluster."""

    group: resources.ResourceGroup
    identity: ClusterIdentity
    network: Network
    management: Management
    egress_firewall: EgressFirewall | None
    ingress_resources: IngressResources
    workspace_id: pulumi.Input[str] | None


def identity(
    base: DeploymentContext, group: resources.ResourceGroup, network: Network
) -> ClusterIdentity:
    """The identity, with its role on the subnets that the cluster uses."""
    args = identity_args(
        base,
        resource_group_name=group.name,
        subnet_ids=network.subnet_ids,
        route_table_id=network.route_table_id,
    )
    return ClusterIdentity(base.named("identity"), args, base.opts)


def identity_args(
    base: DeploymentContext,
    *,
    resource_group_name: pulumi.Input[str],
    subnet_ids: Mapping[str, pulumi.Input[str]],
    route_table_id: pulumi.Input[str] | None,
) -> ClusterIdentityArgs:
    """The identity's settings, and the role's scopes among all subnets of the network."""
    used = [
        subnet.key
        for subnet in base.plan.vnet("cluster").subnets
        if {subnet.key, subnet.demand.family} & USED_SUBNETS
    ]
    kubenet = base.settings.network.model == NetworkModel.KUBENET
    return ClusterIdentityArgs(
        common=base.common,
        resource_group_name=resource_group_name,
        settings=base.settings.cluster.identity,
        subnet_ids={key: subnet_ids[key] for key in used},
        route_table_id=route_table_id if kubenet else None,
    )


def cluster(base: DeploymentContext, around: ClusterDependencies) -> Cluster:
    """The cluster, once its roles and its way out exist."""
    ingress_resources = around.ingress_resources
    args = cluster_args(
        base,
        resource_group_name=around.group.name,
        identity_id=around.identity.identity_id,
        identity_principal_id=around.identity.principal_id,
        depends_on=_cluster_depends_on(base, around),
        subnet_ids=around.network.subnet_ids,
        egress_addresses=egress_addresses(around.network, around.egress_firewall),
        virtual_network_ids=network_ids(around.network, around.management),
        zone_ids=[
            id_ for ids in ingress_resources.routing.addon_zone_ids.values() for id_ in ids.values()
        ],
        application_gateway_id=ingress_resources.firewall.gateway_id
        if ingress_resources.firewall
        else None,
        workspace_id=around.workspace_id,
        last_version=stack_outputs.output("kubernetesVersion"),
    )
    return Cluster(base.named("cluster"), args, base.opts)


def cluster_args(
    base: DeploymentContext,
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
    """The cluster's settings, and of what is around it the part that they make use of."""
    settings, ingress = base.settings.cluster, base.settings.ingress
    return ClusterArgs(
        common=base.common,
        resource_group_name=resource_group_name,
        settings=settings,
        network_profile=NetworkProfile.of(base.settings.network),
        identity_id=identity_id,
        identity_principal_id=identity_principal_id,
        depends_on=depends_on,
        subnet_ids=subnet_ids,
        egress_addresses=egress_addresses,
        private_dns=ApiServerDnsArgs(
            virtual_network_ids=virtual_network_ids,
            cluster_network="cluster",
        )
        if settings.private
        else None,
        app_routing=ingress.controller == "app-routing",
        app_routing_zone_ids=[] if ingress.uses_gateway_api else zone_ids,
        application_gateway_id=application_gateway_id if ingress.controller == "agic" else None,
        defender_workspace_id=workspace_id if base.settings.observability.defender else None,
        azure_policy=base.settings.observability.azure_policy,
        last_version=last_version,
    )


def _cluster_depends_on(
    base: DeploymentContext, around: ClusterDependencies
) -> list[pulumi.Resource]:
    """Its roles, its way out, and its network at rest.

    Azure refuses a cluster while its network is being written (VirtualNetworkNotInSucceededState),
    by a further subnet or a peering. A peering that waits for a gateway waits for the cluster,
    too (`networks.join`), unless the nodes' way out leads over it: then the cluster waits.
    """
    last, hub = around.network.last_subnet, around.management
    return [
        *around.identity.grants,
        *around.network.routes,
        *(around.egress_firewall.ready if around.egress_firewall else []),
        *([last] if last else []),
        *(hub.peerings if base.egress_via_hub else hub.peerings_without_gateway),
    ]
