"""The container registries, and the role with which the cluster's nodes pull from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
from pulumi_azure_native import resources

from components.addressing import SubnetKey
from components.cluster.cluster import Cluster
from components.cluster.identity import ClusterIdentity
from components.deployment.context import DeploymentContext
from components.deployment.networks import (
    AnyClusterNetwork,
    AnyManagementNetwork,
    linked_networks,
    network_ids,
)

if TYPE_CHECKING:
    # Few stacks need it, and its imports take time in every run.
    from components.cluster.registry import Registries


def registries(
    context: DeploymentContext,
    group: resources.ResourceGroup,
    network: AnyClusterNetwork,
    management: AnyManagementNetwork,
) -> Registries | None:
    """The registries; None where the settings name none."""
    settings = context.settings.cluster
    if not settings.registries and settings.own_registry is None:
        return None
    # A lazy import: few stacks need it.
    from components.cluster.registry import Registries, RegistriesArgs

    return Registries(
        context.logical_name("registries"),
        RegistriesArgs(
            common=context.common,
            resource_group_name=group.name,
            resource_group_id=group.id,
            existing=settings.registries,
            own=settings.own_registry,
            virtual_network_ids=linked_networks(context, network_ids(network, management)),
            existing_zone_ids=context.settings.network.private_dns.existing_zones,
            private_endpoint_subnet_id=network.subnet_ids[SubnetKey.PRIVATE_ENDPOINTS],
        ),
        context.opts,
    )


def grant_pull(
    context: DeploymentContext,
    registries: Registries | None,
    identity: ClusterIdentity,
    cluster: Cluster,
) -> list[pulumi.Resource]:
    """Let the nodes pull images; returns what pods with images of these registries wait for.

    Nodes pull with the kubelet identity, which AKS creates with the cluster, or with the cluster's
    service principal.
    """
    if registries is None:
        return []
    principal = context.settings.cluster.identity.service_principal
    return registries.grant_pull(
        identity.principal_id if principal else cluster.lookup.kubelet_principal_id
    )
