"""The cluster's network, the management network, and the firewall that egress may leave by."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pulumi

from components.cluster.cluster import Cluster
from components.deployment.context import DeploymentContext
from components.network import egress_rules, subnet_specs
from components.network.cluster_network import ClusterNetwork, ClusterNetworkArgs
from components.network.egress_firewall import EgressFirewall, EgressFirewallArgs
from components.network.existing_management_network import (
    ExistingManagementNetwork,
    ExistingManagementNetworkArgs,
)
from components.network.existing_network import ExistingNetwork
from components.network.management_network import ManagementNetwork, ManagementNetworkArgs
from components.network.peering import PeerArgs
from components.settings.management import Gateway

Network = ClusterNetwork | ExistingNetwork
Management = ManagementNetwork | ExistingManagementNetwork


def cluster_network(base: DeploymentContext) -> ClusterNetwork:
    """A network of the deployment's own for the cluster."""
    return ClusterNetwork(base.named("network"), cluster_network_args(base), base.opts)


def cluster_network_args(base: DeploymentContext) -> ClusterNetworkArgs:
    """What the cluster's network consists of."""
    settings = base.settings.network
    return ClusterNetworkArgs(
        common=base.common,
        address_space=settings.address_space,
        subnets=subnet_specs.cluster_subnets(
            base.plan,
            base.settings.ingress,
            base.settings.management,
            base.common.names,
            base.settings.kubernetes.exposed_ports,
        ),
        nat_gateway=settings.nat_gateway if settings.egress == "nat-gateway" else None,
        route_table=egress_rules.route_table(settings, base.plan),
    )


def management(base: DeploymentContext, network: Network) -> Management:
    """The network that operators come through, peered with the cluster's."""
    settings = base.settings.management
    if settings.existing is not None:
        return ExistingManagementNetwork(
            base.named("management"),
            ExistingManagementNetworkArgs(
                common=base.common,
                virtual_network_id=settings.existing.virtual_network_id,
                cluster_group_name=network.resource_group_name,
                cluster_network_name=network.virtual_network_name,
                last_write=network.last_subnet,
                use_gateway=settings.existing.use_gateway,
                allow_forwarded_traffic=base.egress_via_hub,
            ),
            base.opts,
        )
    peer = PeerArgs(
        resource_group_name=network.resource_group_name,
        virtual_network_name=network.virtual_network_name,
        virtual_network_id=network.virtual_network_id,
        address_space=network.address_space,
        last_write=network.last_subnet,
        remote_is_external=base.settings.network.existing is not None,
        allow_forwarded_traffic=base.egress_via_hub,
    )
    args = management_network_args(base, peer)
    args = dataclasses.replace(args, defer_remote_peerings=_joins_later(base))
    return ManagementNetwork(base.named("management"), args, base.opts)


def _joins_later(base: DeploymentContext) -> bool:
    """Whether the cluster's network joins the gateway only once the cluster is there.

    Azure takes half an hour for a gateway and refuses a cluster while its network's peering is
    written (VirtualNetworkNotInSucceededState): with a gateway that is there already the two would
    meet. A cluster whose nodes leave over the peering has to wait for both.
    """
    return isinstance(base.settings.management.gateway, Gateway) and not base.egress_via_hub


def join(base: DeploymentContext, hub: Management, cluster: Cluster) -> None:
    """Let the cluster's network use the gateway, where it joins later."""
    if isinstance(hub, ManagementNetwork) and _joins_later(base):
        hub.create_remote_peerings([cluster.resource])


def management_network_args(base: DeploymentContext, cluster: PeerArgs) -> ManagementNetworkArgs:
    """What a management network of the deployment's own consists of."""
    settings = base.settings.management
    return ManagementNetworkArgs(
        common=base.common,
        address_space=settings.address_space,
        subnets=subnet_specs.management_subnets(base.plan, settings, base.common.names),
        bastion=settings.bastion,
        jump_box=settings.own_jump_box,
        kubernetes_version=base.settings.cluster.kubernetes_version,
        administrators=base.settings.cluster.admin_group_object_ids,
        gateway=settings.gateway if isinstance(settings.gateway, Gateway) else None,
        dns_resolver_address=base.plan.address("dnsResolver") if settings.dns_resolver else None,
        nat_gateway=settings.nat_gateway,
        peers={"cluster": cluster},
    )


def egress_firewall(base: DeploymentContext, hub: Management) -> EgressFirewall | None:
    """The firewall, where the settings ask for one; it stands in a hub of our own."""
    settings = base.settings.network
    if settings.egress != "firewall" or not isinstance(hub, ManagementNetwork):
        return None
    args = egress_firewall_args(
        base, resource_group_name=hub.resource_group_name, subnet_ids=hub.subnet_ids
    )
    return EgressFirewall(base.named("egress"), args, base.opts)


def egress_firewall_args(
    base: DeploymentContext,
    *,
    resource_group_name: pulumi.Input[str],
    subnet_ids: Mapping[str, pulumi.Input[str]],
) -> EgressFirewallArgs:
    """The firewall in the hub's subnets, and what it lets through."""
    settings = base.settings.network.firewall
    basic = settings.tier == "Basic"
    return EgressFirewallArgs(
        common=base.common,
        resource_group_name=resource_group_name,
        subnet_id=subnet_ids["firewall"],
        management_subnet_id=subnet_ids["firewallManagement"] if basic else None,
        settings=settings,
        sources=subnet_specs.cluster_ranges(base.plan),
        network_rules=egress_rules.firewall_network_rules(
            base.common.location,
            private_api_server=base.settings.cluster.private,
            dns_proxy=not basic,
        ),
        application_rules=[
            *egress_rules.firewall_application_rules(settings.allowed_fqdns),
            *egress_rules.firewall_addon_rules(
                defender=base.settings.observability.defender,
                azure_policy=base.settings.observability.azure_policy,
            ),
        ],
    )


def network_ids(network: Network, hub: Management) -> dict[str, pulumi.Output[str]]:
    """Both networks, for zones that must resolve in either."""
    return {"cluster": network.virtual_network_id, "management": hub.virtual_network_id}


def egress_addresses(network: Network, firewall: EgressFirewall | None) -> list[pulumi.Output[str]]:
    """The public addresses that the cluster's connections come from, as far as they are known."""
    return [firewall.public_address] if firewall else list(network.egress_addresses)
