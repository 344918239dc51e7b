"""The cluster's network and the management network."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pulumi

from components.addressing import SubnetKey
from components.cluster.cluster import Cluster
from components.deployment.context import DeploymentContext
from components.network import egress_rules, subnet_specs
from components.network.cluster_network import ClusterNetwork, ClusterNetworkArgs
from components.network.egress_firewall import EgressFirewall
from components.network.existing_management_network import (
    ExistingManagementNetwork,
    ExistingManagementNetworkArgs,
)
from components.network.existing_network import ExistingNetwork
from components.network.management_network import ManagementNetwork, ManagementNetworkArgs
from components.network.peering import PeerArgs
from components.settings import dns_server_rules, private_dns_rules
from components.settings.management import Gateway

AnyClusterNetwork = ClusterNetwork | ExistingNetwork
AnyManagementNetwork = ManagementNetwork | ExistingManagementNetwork


def cluster_network(context: DeploymentContext) -> ClusterNetwork:
    """A new network for the cluster."""
    return ClusterNetwork(
        context.logical_name("network"), cluster_network_args(context), context.opts
    )


def cluster_network_args(context: DeploymentContext) -> ClusterNetworkArgs:
    """The arguments of the cluster's network."""
    settings = context.settings.network
    return ClusterNetworkArgs(
        common=context.common,
        address_space=settings.address_space,
        subnets=subnet_specs.cluster_subnets(
            context.plan,
            context.settings.ingress,
            context.settings.management,
            context.common.names,
            context.settings.kubernetes.exposed_ports,
            private_api_server=context.settings.cluster.private,
        ),
        nat_gateway=settings.nat_gateway if settings.egress == "nat-gateway" else None,
        route_table=egress_rules.route_table(settings, context.plan),
        learned_routes=settings.learned_routes,
        dns_servers=settings.dns_servers,
        ddos_protection_plan_id=settings.ddos_protection_plan_id,
    )


def management_network(
    context: DeploymentContext, network: AnyClusterNetwork
) -> AnyManagementNetwork:
    """The new or existing management network, peered with the cluster's network."""
    settings = context.settings.management
    if settings.existing is not None:
        return ExistingManagementNetwork(
            context.logical_name("management"),
            ExistingManagementNetworkArgs(
                common=context.common,
                virtual_network_id=settings.existing.virtual_network_id,
                cluster_group_name=network.resource_group_name,
                cluster_network_name=network.virtual_network_name,
                last_write=network.last_subnet,
                use_gateway=settings.existing.use_gateway,
                allow_forwarded_traffic=context.egress_via_hub,
            ),
            context.opts,
        )
    peer = PeerArgs(
        resource_group_name=network.resource_group_name,
        virtual_network_name=network.virtual_network_name,
        virtual_network_id=network.virtual_network_id,
        address_space=network.address_space,
        last_write=network.last_subnet,
        remote_is_external=context.settings.network.existing is not None,
        allow_forwarded_traffic=context.egress_via_hub,
    )
    args = dataclasses.replace(
        management_network_args(context, peer),
        defer_remote_peerings=_defers_remote_peerings(context),
    )
    return ManagementNetwork(context.logical_name("management"), args, context.opts)


def management_network_args(
    context: DeploymentContext, cluster_network: PeerArgs
) -> ManagementNetworkArgs:
    """The arguments of a new management network, with one peer."""
    settings = context.settings.management
    return ManagementNetworkArgs(
        common=context.common,
        address_space=settings.address_space,
        subnets=subnet_specs.management_subnets(
            context.plan,
            settings,
            context.common.names,
            private_api_server=context.settings.cluster.private,
            cluster_asks_resolver=dns_server_rules.uses_resolver(
                context.settings.network, context.plan
            ),
        ),
        bastion=settings.bastion,
        jump_box=settings.own_jump_box,
        kubernetes_version=context.settings.cluster.kubernetes_version,
        administrators=context.settings.cluster.admin_group_object_ids,
        gateway=settings.gateway if isinstance(settings.gateway, Gateway) else None,
        dns_resolver_address=context.plan.address(SubnetKey.DNS_RESOLVER)
        if settings.dns_resolver
        else None,
        nat_gateway=settings.nat_gateway,
        dns_servers=settings.dns_servers,
        ddos_protection_plan_id=settings.ddos_protection_plan_id,
        peers={"cluster": cluster_network},
    )


def _defers_remote_peerings(context: DeploymentContext) -> bool:
    """Whether the cluster's side of the peering is created after the cluster and its node pools.

    That side uses the gateway, which takes Azure half an hour. Azure refuses a cluster or a pool
    while a peering of its network is being written (VirtualNetworkNotInSucceededState), so that
    side waits for them. But a cluster whose nodes need the peering when they start waits for both.
    """
    return isinstance(context.settings.management.gateway, Gateway) and not context.nodes_need_hub


def create_deferred_peerings(
    context: DeploymentContext, management: AnyManagementNetwork, cluster: Cluster
) -> None:
    """Create the cluster's side of the peering, where it was deferred."""
    if isinstance(management, ManagementNetwork) and _defers_remote_peerings(context):
        management.create_remote_peerings([cluster.resource, *cluster.node_pools])


def dns_servers_ready(
    context: DeploymentContext,
    management: AnyManagementNetwork,
    firewall: EgressFirewall | None,
) -> list[pulumi.Resource]:
    """What the program creates of the cluster network's DNS servers and of the route to them.

    The cluster waits for it. The Application Gateway does not: it asks Azure's resolver for its
    key vault, whatever the servers (application-gateway/application-gateway-dns-resolution).
    """
    settings, plan = context.settings.network, context.plan
    on_premises = context.settings.management.gateway.on_premises
    ready: list[pulumi.Resource | None] = []
    if firewall is not None and dns_server_rules.uses_firewall(settings, plan):
        ready += firewall.ready
    if dns_server_rules.uses_resolver(settings, plan):
        ready.append(management.dns_resolver_endpoint)
    if any(dns_server_rules.contain(on_premises, server) for server in settings.dns_servers):
        ready.append(management.on_premises_connection)
    return [resource for resource in ready if resource is not None]


def network_ids(
    network: AnyClusterNetwork, management: AnyManagementNetwork
) -> dict[str, pulumi.Output[str]]:
    """The resource ids of both networks, by key."""
    return {"cluster": network.virtual_network_id, "management": management.virtual_network_id}


def linked_networks(
    context: DeploymentContext, virtual_network_ids: Mapping[str, pulumi.Input[str]]
) -> dict[str, pulumi.Input[str]]:
    """The networks that are linked to the private zones of this stack, by key."""
    network, management = context.settings.network, context.settings.management
    links_management = private_dns_rules.links_management_network(network, management)
    return {
        key: network_id
        for key, network_id in virtual_network_ids.items()
        if key != "management" or links_management
    }
