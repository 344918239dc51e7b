"""Settings of what watches over the deployment. All of it is off unless it is asked for."""

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
    """The Log Analytics workspace: one of its own, or one that is there already."""

    existing: WorkspaceId | None = None
    """Another team's workspace, by resource id; it is written to and never changed."""
    retention_days: int = Field(default=30, ge=30, le=730)
    """Days that its own workspace keeps logs."""
    daily_quota_gb: float | None = Field(default=None, ge=0.023)
    """Gigabytes a day after which nothing more is taken in; null for no limit."""


class DiagnosticsSettings(Section):
    """Which resources send their logs to the workspace."""

    cluster: bool = False
    """The control plane's logs: API server, audit, autoscaler and others."""
    audit_reads: bool = False
    """Whether the cluster's audit log holds get and list requests too, many times the volume."""
    application_gateway: bool = False
    """Access and firewall logs."""
    bastion: bool = False
    """Who opened which session."""
    firewall: bool = False
    """Azure Firewall's rules and DNS."""
    key_vault: bool = False
    """Who read which secret."""

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of resources that send logs."""
        chosen: dict[Kind, bool] = {
            "cluster": self.cluster,
            "applicationGateway": self.application_gateway,
            "bastion": self.bastion,
            "firewall": self.firewall,
            "keyVault": self.key_vault,
        }
        return tuple(kind for kind, on in chosen.items() if on)


class FlowLogsSettings(Section):
    """Records of the networks' traffic, kept in a storage account."""

    target: Literal["virtual-networks", "network-security-groups"] = "virtual-networks"
    """Flow logs of network security groups retire; new ones can't be made any more."""
    retention_days: int = Field(default=90, ge=0, le=365)
    """0 keeps them for ever."""


class TrafficAnalyticsSettings(Section):
    """What Azure makes of the flow logs, in the workspace."""

    interval_minutes: Literal[10, 60] = 60
    """Between two evaluations."""


class ObservabilitySettings(Section):
    """`aks-network:observability`: logs, flow logs, Defender and Azure Policy."""

    workspace: WorkspaceSettings | None = None
    """None for one with the defaults, as soon as something writes to it."""
    diagnostics: DiagnosticsSettings = DiagnosticsSettings()
    """Which resources send their logs to the workspace."""
    flow_logs: FlowLogsSettings | None = None
    """None for no flow logs."""
    traffic_analytics: TrafficAnalyticsSettings | None = None
    """None for no evaluation; needs flow logs."""
    defender: bool = False
    """Microsoft Defender for Containers: its sensor on the nodes, threat detection."""
    azure_policy: bool = False
    """The Azure Policy add-on: Gatekeeper, with the policies assigned to the cluster."""

    @property
    def existing_workspace(self) -> str | None:
        """The resource id of the workspace that is there already."""
        return self.workspace.existing if self.workspace else None

    @property
    def needs_own_workspace(self) -> bool:
        """Whether a workspace is to be made: it is asked for, or something has to write to one."""
        if self.workspace:
            return self.workspace.existing is None
        return bool(self.diagnostics.kinds or self.traffic_analytics or self.defender)

    @property
    def needs_group(self) -> bool:
        """Whether a resource group is to be made, for the workspace or the flow logs' storage."""
        return self.needs_own_workspace or self.flow_logs is not None
