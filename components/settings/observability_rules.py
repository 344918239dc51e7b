"""What observability asks of the other settings: there must be something to observe."""

from __future__ import annotations

from collections.abc import Iterator

from components.problems import Problem
from components.settings import retirements
from components.settings.ingress import IngressSettings
from components.settings.management import ManagementSettings
from components.settings.network import NetworkSettings
from components.settings.observability import ObservabilitySettings
from components.settings.partial import skips_unreadable

OBSERVABILITY = "aks-network:observability"
DIAGNOSTICS = f"{OBSERVABILITY}.diagnostics"

_BASTIONS_WITH_AUDIT_LOGS = frozenset({"Standard", "Premium"})
"""bastion/configuration-settings, "SKUs"."""


@skips_unreadable
def workspace(settings: ObservabilitySettings) -> Iterator[Problem]:
    """An existing workspace is its owner's: its retention and quota are not set from here."""
    given = settings.workspace
    if given is None or given.existing is None:
        return
    own = {"retention_days": "retentionDays", "daily_quota_gb": "dailyQuotaGb"}
    for field, key in own.items():
        if field in given.model_fields_set:
            value = str(getattr(given, field))
            path = f"{OBSERVABILITY}.workspace.{key}"
            rule = "can't be set on an existing workspace, which is never changed"
            yield Problem(path, value, rule, f"remove {key}, or remove existing")


@skips_unreadable
def flow_logs(settings: ObservabilitySettings) -> Iterator[Problem]:
    """Flow logs of network security groups are no longer created."""
    logs = settings.flow_logs
    if logs and logs.target == "network-security-groups":
        retired = retirements.NSG_FLOW_LOGS
        rule = (
            "no new flow logs of network security groups can be created since 2025-06-30;"
            f" {retired.feature} retire on {retired.on.isoformat()}"
        )
        remedy = "remove target, or set it to virtual-networks, which record the same traffic"
        yield Problem(f"{OBSERVABILITY}.flowLogs.target", logs.target, rule, remedy)


@skips_unreadable
def traffic_analytics(settings: ObservabilitySettings) -> Iterator[Problem]:
    """Traffic analytics needs flow logs."""
    if settings.traffic_analytics and settings.flow_logs is None:
        rule = "analyses flow logs, and there are none"
        remedy = "add flowLogs: {}, or remove trafficAnalytics"
        yield Problem(f"{OBSERVABILITY}.trafficAnalytics", "", rule, remedy)


@skips_unreadable
def audit_reads(settings: ObservabilitySettings) -> Iterator[Problem]:
    """The audit log is one of the cluster's."""
    if settings.diagnostics.audit_reads and not settings.diagnostics.cluster:
        rule = "is part of the cluster's logs, which are off"
        yield Problem(f"{DIAGNOSTICS}.auditReads", "true", rule, "set cluster: true as well")


@skips_unreadable
def application_gateway(
    settings: ObservabilitySettings, ingress: IngressSettings
) -> Iterator[Problem]:
    """Logs of an Application Gateway need one."""
    if settings.diagnostics.application_gateway and not ingress.has_application_gateway:
        rule = "there is no Application Gateway without aks-network:ingress.waf"
        remedy = "remove it, or configure the firewall"
        yield Problem(f"{DIAGNOSTICS}.applicationGateway", "true", rule, remedy)


@skips_unreadable
def bastion(settings: ObservabilitySettings, management: ManagementSettings) -> Iterator[Problem]:
    """Not every SKU of Bastion writes logs."""
    if not settings.diagnostics.bastion:
        return
    sku = management.bastion.sku
    if sku not in _BASTIONS_WITH_AUDIT_LOGS:
        rule = f"Bastion's {sku} SKU writes no audit logs"
        remedy = "remove it, or set aks-network:management.bastion.sku to Standard or Premium"
        yield Problem(f"{DIAGNOSTICS}.bastion", "true", rule, remedy)


@skips_unreadable
def firewall(settings: ObservabilitySettings, network: NetworkSettings) -> Iterator[Problem]:
    """Logs of Azure Firewall need one."""
    if settings.diagnostics.firewall and network.egress != "firewall":
        rule = f"there is no Azure Firewall with aks-network:network.egress {network.egress}"
        yield Problem(f"{DIAGNOSTICS}.firewall", "true", rule, "remove it, or set egress: firewall")
