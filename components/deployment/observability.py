"""The workspace that comes before everything, and the recording that comes after."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import resources

from components.cluster.cluster import Cluster
from components.deployment.context import DeploymentContext
from components.deployment.ingress import IngressResources
from components.deployment.networks import Management, Network, network_ids
from components.network.egress_firewall import EgressFirewall
from components.network.management_network import ManagementNetwork
from components.settings.log_categories import Kind
from components.settings.observability import WorkspaceSettings


@dataclass(frozen=True)
class Sources:
    """What is recorded, and where it goes."""

    workspace_id: pulumi.Input[str] | None
    group: resources.ResourceGroup | None
    network: Network
    management: Management
    egress_firewall: EgressFirewall | None
    ingress_resources: IngressResources
    cluster: Cluster


def group(base: DeploymentContext) -> resources.ResourceGroup | None:
    """The group of what observing needs itself: a workspace, the flow logs' storage."""
    return base.group("observability") if base.settings.observability.needs_group else None


def workspace_id(
    base: DeploymentContext, own: resources.ResourceGroup | None
) -> pulumi.Input[str] | None:
    """The workspace comes first: the cluster's Defender sensor needs it."""
    settings = base.settings.observability
    if not settings.needs_own_workspace or own is None:
        return settings.existing_workspace
    # Only now: a stack that records nothing does not pay for these imports.
    from components.cluster.log_analytics import LogAnalytics, LogAnalyticsArgs

    made = LogAnalytics(
        base.named("logs"),
        LogAnalyticsArgs(
            common=base.common,
            resource_group_name=own.name,
            settings=settings.workspace or WorkspaceSettings(),
        ),
        base.opts,
    )
    return made.workspace_id


def records(base: DeploymentContext, sources: Sources) -> None:
    """Diagnostic settings and flow logs of what is there; nothing waits for them."""
    settings = base.settings.observability
    if not settings.diagnostics.kinds and not settings.flow_logs:
        return
    from components.cluster.observability import Observability, ObservabilityArgs

    Observability(
        base.named("observability"),
        ObservabilityArgs(
            common=base.common,
            settings=settings,
            workspace_id=sources.workspace_id,
            resource_group=sources.group,
            resource_ids=_resource_ids(sources),
            virtual_network_ids=_own_networks(base, sources),
        ),
        base.opts,
    )


def _resource_ids(sources: Sources) -> dict[Kind, pulumi.Input[str]]:
    ids: dict[Kind, pulumi.Input[str]] = {
        "cluster": sources.cluster.resource.id,
        "keyVault": sources.ingress_resources.routing.vault_id,
    }
    if isinstance(sources.management, ManagementNetwork):
        ids["bastion"] = sources.management.bastion_id
    if sources.ingress_resources.firewall:
        ids["applicationGateway"] = sources.ingress_resources.firewall.gateway_id
    if sources.egress_firewall:
        ids["firewall"] = sources.egress_firewall.firewall_id
    return ids


def _own_networks(base: DeploymentContext, sources: Sources) -> dict[str, pulumi.Output[str]]:
    """Flow logs are made of one's own networks only."""
    theirs = {
        "cluster": base.settings.network.existing,
        "management": base.settings.management.existing,
    }
    ids = network_ids(sources.network, sources.management)
    return {key: id_ for key, id_ in ids.items() if theirs[key] is None}
