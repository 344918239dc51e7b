"""The Log Analytics workspace, and the diagnostic settings and flow logs of a deployment."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import resources

from components.cluster.cluster import Cluster
from components.deployment.context import DeploymentContext
from components.deployment.ingress import IngressResources
from components.deployment.networks import AnyClusterNetwork, AnyManagementNetwork, network_ids
from components.network.egress_firewall import EgressFirewall
from components.network.management_network import ManagementNetwork
from components.settings.log_categories import Kind
from components.settings.observability import WorkspaceSettings


@dataclass(frozen=True)
class LogSources:
    """The resources that send logs, and the destinations."""

    workspace_id: pulumi.Input[str] | None
    resource_group: resources.ResourceGroup | None
    """Resource group of the storage account for the flow logs."""
    network: AnyClusterNetwork
    management: AnyManagementNetwork
    egress_firewall: EgressFirewall | None
    ingress: IngressResources
    cluster: Cluster


def resource_group(context: DeploymentContext) -> resources.ResourceGroup | None:
    """The resource group of workspace and storage account; None where there is neither."""
    if not context.settings.observability.needs_group:
        return None
    return context.resource_group("observability")


def workspace_id(
    context: DeploymentContext, group: resources.ResourceGroup | None
) -> pulumi.Input[str] | None:
    """The resource id of the new or existing workspace; None without one.

    A new workspace is created first, because the Defender sensor of the cluster needs it.
    """
    settings = context.settings.observability
    if not settings.needs_own_workspace or group is None:
        return settings.existing_workspace
    # A lazy import: a stack without a new workspace does not need it.
    from components.cluster.log_analytics import LogAnalytics, LogAnalyticsArgs

    log_analytics = LogAnalytics(
        context.logical_name("logs"),
        LogAnalyticsArgs(
            common=context.common,
            resource_group_name=group.name,
            settings=settings.workspace or WorkspaceSettings(),
        ),
        context.opts,
    )
    return log_analytics.workspace_id


def logs(context: DeploymentContext, sources: LogSources) -> None:
    """The diagnostic settings and flow logs; no other resource waits for them."""
    settings = context.settings.observability
    if not settings.diagnostics.kinds and not settings.flow_logs:
        return
    from components.cluster.observability import Observability, ObservabilityArgs

    Observability(
        context.logical_name("observability"),
        ObservabilityArgs(
            common=context.common,
            settings=settings,
            workspace_id=sources.workspace_id,
            resource_group=sources.resource_group,
            resource_ids=_resource_ids(sources),
            virtual_network_ids=_new_networks(context, sources),
        ),
        context.opts,
    )


def _resource_ids(sources: LogSources) -> dict[Kind, pulumi.Input[str]]:
    ids: dict[Kind, pulumi.Input[str]] = {
        "cluster": sources.cluster.resource.id,
        "keyVault": sources.ingress.dns_and_key_vault.vault_id,
    }
    if isinstance(sources.management, ManagementNetwork):
        ids["bastion"] = sources.management.bastion_id
    if sources.ingress.web_application_firewall:
        ids["applicationGateway"] = sources.ingress.web_application_firewall.gateway_id
    if sources.ingress.traffic_controller:
        ids["applicationGatewayForContainers"] = sources.ingress.traffic_controller.id
    if sources.egress_firewall:
        ids["firewall"] = sources.egress_firewall.firewall_id
    return ids


def _new_networks(context: DeploymentContext, sources: LogSources) -> dict[str, pulumi.Output[str]]:
    """The networks with flow logs: not those that other teams own."""
    existing = {
        "cluster": context.settings.network.existing,
        "management": context.settings.management.existing,
    }
    ids = network_ids(sources.network, sources.management)
    return {key: id_ for key, id_ in ids.items() if existing[key] is None}
