"""Settings of logs, flow logs, Microsoft Defender and Azure Policy, all off by default."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from components.settings.log_categories import Kind
from components.settings.values import Section, matching

WorkspaceId = Annotated[
    str,
    matching(
        r"(?i)/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]+"
        r"/providers/Microsoft\.OperationalInsights/workspaces/[^/]+",
        "must be the resource ID of a Log Analytics workspace",
        "use an ID such as /subscriptions/…/providers/Microsoft.OperationalInsights/workspaces/…",
    ),
]


class WorkspaceSettings(Section):
    """The Log Analytics workspace, a new one or an existing one."""

    existing: WorkspaceId | None = None
    """The resource ID of another team's workspace. The program writes logs to it and never changes
    it. Without it, the program creates a workspace."""
    retention_days: int = Field(default=30, ge=30, le=730)
    """The number of days that a new workspace keeps logs."""
    daily_quota_gb: float | None = Field(default=None, ge=0.023)
    """The number of gigabytes a day after which a new workspace accepts no more logs. Without it,
    there is no limit."""


class DiagnosticsSettings(Section):
    """The resources that send their logs to the workspace."""

    cluster: bool = False
    """Whether the control plane sends its logs: API server, audit, autoscaler and others."""
    audit_reads: bool = False
    """Whether the audit log of the cluster also contains get and list requests, which are many
    times its volume."""
    application_gateway: bool = False
    """Whether the Application Gateway sends its access and firewall logs."""
    application_gateway_for_containers: bool = False
    """Whether Application Gateway for Containers sends its access and firewall logs."""
    bastion: bool = False
    """Whether Azure Bastion sends its audit log of sessions. It needs the Standard SKU."""
    firewall: bool = False
    """Whether Azure Firewall sends the logs of its rules and of its DNS proxy."""
    key_vault: bool = False
    """Whether the key vault sends its audit log of access to secrets."""

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of resources that send logs."""
        chosen: dict[Kind, bool] = {
            "cluster": self.cluster,
            "applicationGateway": self.application_gateway,
            "applicationGatewayForContainers": self.application_gateway_for_containers,
            "bastion": self.bastion,
            "firewall": self.firewall,
            "keyVault": self.key_vault,
        }
        return tuple(kind for kind, on in chosen.items() if on)


class FlowLogsSettings(Section):
    """Records of the traffic in the networks, kept in a storage account."""

    target: Literal["virtual-networks", "network-security-groups"] = "virtual-networks"
    """The resources whose traffic is recorded. Azure creates no new flow logs of network security
    groups."""
    retention_days: int = Field(default=90, ge=0, le=365)
    """The number of days that flow logs are kept. With 0 they are kept indefinitely."""


class TrafficAnalyticsSettings(Section):
    """Traffic analytics, which evaluates the flow logs in the workspace."""

    interval_minutes: Literal[10, 60] = 60
    """The number of minutes between two evaluations of the flow logs."""


class ObservabilitySettings(Section):
    """`aks-network:observability`: logs, flow logs, Microsoft Defender and Azure Policy.

    All of it is off by default.
    """

    workspace: WorkspaceSettings | None = None
    """The Log Analytics workspace. Without it, the program creates one with the defaults as soon as
    something writes logs."""
    diagnostics: DiagnosticsSettings = DiagnosticsSettings()
    """The resources that send their logs to the workspace."""
    flow_logs: FlowLogsSettings | None = None
    """The flow logs of the virtual networks. Without them, no flow logs are recorded."""
    traffic_analytics: TrafficAnalyticsSettings | None = None
    """The analysis of the flow logs in the workspace. Without it, they are not analysed. It needs
    `flowLogs`."""
    defender: bool = False
    """Whether the sensor of Microsoft Defender for Containers runs on the nodes. The plan Defender
    for Containers, without which the sensor protects nothing, is enabled for the whole subscription
    and not by this program."""
    azure_policy: bool = False
    """Whether the Azure Policy add-on is enabled, which enforces the policies assigned to the
    cluster with Gatekeeper."""

    @property
    def existing_workspace(self) -> str | None:
        """The resource id of the existing workspace."""
        return self.workspace.existing if self.workspace else None

    @property
    def needs_own_workspace(self) -> bool:
        """Whether the program creates a workspace: the settings ask for it, or logs need it."""
        if self.workspace:
            return self.workspace.existing is None
        return bool(self.diagnostics.kinds or self.traffic_analytics or self.defender)

    @property
    def needs_group(self) -> bool:
        """Whether the program creates a resource group, for the workspace or the flow logs."""
        return self.needs_own_workspace or self.flow_logs is not None
