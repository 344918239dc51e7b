"""The firewall for the cluster's egress, with the rules that the settings ask for."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import pulumi

from components.addressing import SubnetKey
from components.azure.resource_ids import resource_name
from components.cluster.cluster import Cluster
from components.deployment.context import DeploymentContext
from components.deployment.networks import AnyClusterNetwork, AnyManagementNetwork
from components.network import egress_rules, subnet_specs
from components.network.egress_firewall import EgressFirewall, EgressFirewallArgs
from components.network.egress_rules import ApplicationRule
from components.network.management_network import ManagementNetwork
from components.network.registry_hosts import registry_hosts, registry_of
from components.settings import dns_server_rules
from components.settings.stack import Settings
from components.settings.waf import GatewayWaf


def egress_firewall(
    context: DeploymentContext, management: AnyManagementNetwork
) -> EgressFirewall | None:
    """The firewall in a new management network; None where the egress is another."""
    settings = context.settings.network
    if settings.egress != "firewall" or not isinstance(management, ManagementNetwork):
        return None
    args = egress_firewall_args(
        context,
        resource_group_name=management.resource_group_name,
        subnet_ids=management.subnet_ids,
    )
    return EgressFirewall(context.logical_name("egress"), args, context.opts)


def allow_api_server(
    context: DeploymentContext, firewall: EgressFirewall | None, cluster: Cluster
) -> list[pulumi.Resource]:
    """The firewall's rule for the API server, which other pods than AKS's own wait for.

    None where the API server is in the network, or where the firewall cannot name it.
    """
    dns_proxy = context.settings.network.firewall.tier != "Basic"
    if firewall is None or not pods_dial_api_server(context) or not dns_proxy:
        return []
    return [firewall.allow_api_server(cluster.fqdn)]


def pods_dial_api_server(context: DeploymentContext) -> bool:
    """Whether pods connect to the API server at a public address outside the network."""
    cluster = context.settings.cluster
    return not cluster.private and not cluster.api_server_vnet_integration


def egress_firewall_args(
    context: DeploymentContext,
    *,
    resource_group_name: pulumi.Input[str],
    subnet_ids: Mapping[str, pulumi.Input[str]],
) -> EgressFirewallArgs:
    """The arguments of the firewall, with its rules; `subnet_ids` are the management network's."""
    settings = context.settings.network.firewall
    basic = settings.tier == "Basic"
    return EgressFirewallArgs(
        common=context.common,
        resource_group_name=resource_group_name,
        subnet_id=subnet_ids[SubnetKey.FIREWALL],
        management_subnet_id=subnet_ids[SubnetKey.FIREWALL_MANAGEMENT] if basic else None,
        settings=settings,
        sources=subnet_specs.cluster_ranges(context.plan),
        network_rules=[
            *egress_rules.firewall_network_rules(
                context.common.location,
                pods_dial_api_server=pods_dial_api_server(context),
                dns_proxy=not basic,
            ),
            *egress_rules.firewall_dns_rules(
                dns_server_rules.beyond_both(context.settings.network, context.settings.management)
            ),
        ],
        application_rules=_application_rules(context),
    )


def _application_rules(context: DeploymentContext) -> list[ApplicationRule]:
    """What the cluster, its nodes, add-ons, controllers and workloads need, and the settings'."""
    settings = context.settings
    observability, firewall = settings.observability, settings.network.firewall
    return [
        *egress_rules.firewall_application_rules(firewall.allowed_fqdns),
        *egress_rules.firewall_addon_rules(
            defender=observability.defender,
            azure_policy=observability.azure_policy,
            alb_controller=settings.ingress.uses_alb,
        ),
        *egress_rules.firewall_node_rules(
            windows=settings.cluster.has_windows,
            ubuntu_updates=settings.cluster.updates_ubuntu_itself,
        ),
        *egress_rules.firewall_registry_rules(
            {
                resource_name(registry.registry_id): registry.dedicated_data_endpoints
                for registry in settings.cluster.registries
            }
        ),
        *egress_rules.firewall_source_rules(
            registry_hosts=registry_hosts(_registries(settings), context.common.location),
            vault_hosts=_certificate_vault_hosts(settings),
        ),
    ]


def _registries(settings: Settings) -> list[str]:
    """The registries of what the program installs, and those of the settings."""
    if settings.kubernetes.delivery == "none":
        return list(settings.network.firewall.registries)
    # A lazy import: few stacks have a firewall for egress.
    from components.kubernetes.helm_charts import CHARTS

    chart = CHARTS.get(settings.ingress.controller)
    images = [
        *(chart.images if chart else ()),
        *(
            workload.image
            for application in settings.kubernetes.applications
            for workload in application.workloads
        ),
    ]
    return [*map(registry_of, images), *settings.network.firewall.registries]


def _certificate_vault_hosts(settings: Settings) -> tuple[str, ...]:
    """Other teams' vaults that the controller in the cluster reads certificates from."""
    if settings.ingress.controller != "app-routing":
        return ()
    waf = settings.ingress.waf
    certificate = waf.certificate if isinstance(waf, GatewayWaf) else None
    ids = [
        certificate.secret_id if certificate else None,
        *(a.tls.certificate_id for a in settings.kubernetes.applications if a.tls),
    ]
    return tuple(dict.fromkeys(urlsplit(id_).netloc for id_ in ids if id_))


def egress_addresses(
    network: AnyClusterNetwork, firewall: EgressFirewall | None
) -> list[pulumi.Output[str]]:
    """The public addresses of the cluster's outbound connections, as far as they are known."""
    return list(firewall.public_addresses if firewall else network.egress_addresses)
