"""The cluster and the identity that it acts by."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import resources

from components.addressing import NetworkModel
from components.cluster import ApiServerDnsArgs, Cluster, ClusterArgs
from components.cluster_identity import ClusterIdentity, ClusterIdentityArgs
from components.egress_firewall import EgressFirewall
from components.network_profile import NetworkProfile
from wiring.foundation import Foundation
from wiring.ingress import WaysIn
from wiring.networks import Management, Network, egress_addresses, network_ids

USED_SUBNETS = frozenset({"nodes", "pods", "ingress", "apiServer"})
"""Roles and families of the subnets into which the cluster itself puts nodes, pods, load balancers
and its API server."""


@dataclass(frozen=True)
class Surroundings:
    """What is there before the cluster."""

    group: resources.ResourceGroup
    identity: ClusterIdentity
    network: Network
    management: Management
    egress_firewall: EgressFirewall | None
    ways_in: WaysIn
    workspace_id: pulumi.Input[str] | None


def identity(base: Foundation, group: resources.ResourceGroup, network: Network) -> ClusterIdentity:
    """The identity, with its role on the subnets that the cluster uses."""
    used = [
        subnet.role
        for subnet in base.plan.vnet("cluster").subnets
        if {subnet.role, subnet.demand.family} & USED_SUBNETS
    ]
    kubenet = base.settings.network.model == NetworkModel.KUBENET
    return ClusterIdentity(
        base.named("identity"),
        ClusterIdentityArgs(
            common=base.common,
            resource_group_name=group.name,
            settings=base.settings.cluster.identity,
            subnet_ids={role: network.subnet_ids[role] for role in used},
            route_table_id=network.route_table_id if kubenet else None,
        ),
    )


def cluster(base: Foundation, around: Surroundings) -> Cluster:
    """The cluster, once its roles and its way out exist."""
    settings, ingress = base.settings.cluster, base.settings.ingress
    ways_in = around.ways_in
    return Cluster(
        base.named("cluster"),
        ClusterArgs(
            common=base.common,
            resource_group_name=around.group.name,
            settings=settings,
            network_profile=NetworkProfile.of(base.settings.network),
            identity_id=around.identity.id,
            identity_principal_id=around.identity.principal_id,
            before=_before(base, around),
            subnet_ids=around.network.subnet_ids,
            egress_addresses=egress_addresses(around.network, around.egress_firewall),
            private_dns=ApiServerDnsArgs(
                virtual_network_ids=network_ids(around.network, around.management),
                cluster_network_id=around.network.virtual_network_id,
            )
            if settings.private
            else None,
            app_routing=ingress.controller == "app-routing",
            app_routing_zone_ids=[]
            if ingress.uses_gateway_api
            else [id_ for ids in ways_in.routing.addon_zone_ids.values() for id_ in ids],
            application_gateway_id=ways_in.firewall.gateway_id
            if ways_in.firewall and ingress.controller == "agic"
            else None,
            defender_workspace_id=around.workspace_id
            if base.settings.observability.defender
            else None,
            azure_policy=base.settings.observability.azure_policy,
        ),
    )


def _before(base: Foundation, around: Surroundings) -> list[pulumi.Resource]:
    """Its roles, its way out, and its network at rest.

    Azure refuses a cluster while its network is being written (VirtualNetworkNotInSucceededState),
    by a further subnet or a peering. A peering that waits for a gateway comes half an hour after
    the cluster, which waits for it only if the nodes' way out leads over it.
    """
    last = around.network.last_subnet
    gateway = base.settings.management.gateway.kind != "none"
    return [
        *around.identity.grants,
        *around.network.routes,
        *(around.egress_firewall.ready if around.egress_firewall else []),
        *([last] if last else []),
        *(around.management.peerings if base.leaves_by_hub or not gateway else []),
    ]
