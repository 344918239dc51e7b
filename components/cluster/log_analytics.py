"""The Log Analytics workspace, the destination of logs."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import operationalinsights

from components.azure.common import CommonArgs
from components.azure.component import Component
from components.settings.observability import WorkspaceSettings

_UNLIMITED = -1.0


@dataclass(frozen=True)
class LogAnalyticsArgs:
    """The workspace's settings."""

    common: CommonArgs
    resource_group_name: pulumi.Input[str]
    settings: WorkspaceSettings


class LogAnalytics(Component):
    """A Log Analytics workspace that belongs to the deployment.

    It is created first, because the Defender sensor of the cluster needs its id. Azure keeps a
    deleted workspace for 14 days; a new one of the same name and resource group has its logs.
    """

    workspace_id: pulumi.Output[str]
    """The workspace's resource id."""

    def __init__(
        self, name: str, args: LogAnalyticsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        quota = args.settings.daily_quota_gb
        workspace = operationalinsights.Workspace(
            f"{name}-log",
            workspace_name=args.common.names.of("log"),
            resource_group_name=args.resource_group_name,
            location=args.common.location,
            sku=operationalinsights.WorkspaceSkuArgs(name="PerGB2018"),
            retention_in_days=args.settings.retention_days,
            workspace_capping=operationalinsights.WorkspaceCappingArgs(
                daily_quota_gb=_UNLIMITED if quota is None else quota
            ),
            features=operationalinsights.WorkspaceFeaturesArgs(
                # Who may read a resource may read its logs, without access to all other logs.
                enable_log_access_using_only_resource_permissions=True,
            ),
            public_network_access_for_ingestion="Enabled",
            public_network_access_for_query="Enabled",
            tags=args.common.tags,
            opts=pulumi.ResourceOptions(parent=self, protect=args.common.protect),
        )
        self.workspace_id = workspace.id
        self.register_outputs({"workspaceId": self.workspace_id})
