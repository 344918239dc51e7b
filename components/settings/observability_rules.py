"""What observability asks of the other settings: there must be something to observe."""

from __future__ import annotations

from collections.abc import Iterator

from components.problems import Problem
from components.settings import retirements
from components.settings.observability import ObservabilitySettings
from components.settings.stack import Draft

OBSERVABILITY = "aks-network:observability"

_BASTIONS_WITH_AUDIT_LOGS = frozenset({"Standard", "Premium"})
"""bastion/configuration-settings, "SKUs"."""


def problems(settings: ObservabilitySettings, draft: Draft) -> Iterator[Problem]:
    """Everything that is wrong with observability, by itself and with the rest."""
    yield from _workspace(settings)
    yield from _flow_logs(settings)
    yield from _targets(settings, draft)


def _workspace(settings: ObservabilitySettings) -> Iterator[Problem]:
    """An existing workspace is its owner's: its retention and quota are not set from here."""
    workspace = settings.workspace
    if workspace is None or workspace.existing is None:
        return
    own = {"retention_days": "retentionDays", "daily_quota_gb": "dailyQuotaGb"}
    for field, key in own.items():
        if field in workspace.model_fields_set:
            value = str(getattr(workspace, field))
            path = f"{OBSERVABILITY}.workspace.{key}"
            rule = "can't be set on an existing workspace, which is never changed"
            yield Problem(path, value, rule, f"remove {key}, or remove existing")


def _flow_logs(settings: ObservabilitySettings) -> Iterator[Problem]:
    logs = settings.flow_logs
    if logs and logs.target == "network-security-groups":
        retired = retirements.NSG_FLOW_LOGS
        rule = (
            "no new flow logs of network security groups can be created since 2025-06-30;"
            f" {retired.feature} retire on {retired.on.isoformat()}"
        )
        remedy = "remove target, or set it to virtual-networks, which record the same traffic"
        yield Problem(f"{OBSERVABILITY}.flowLogs.target", logs.target, rule, remedy)
    if settings.traffic_analytics and logs is None:
        rule = "analyses flow logs, and there are none"
        remedy = "add flowLogs: {}, or remove trafficAnalytics"
        yield Problem(f"{OBSERVABILITY}.trafficAnalytics", "", rule, remedy)


def _targets(settings: ObservabilitySettings, draft: Draft) -> Iterator[Problem]:
    path = f"{OBSERVABILITY}.diagnostics"
    wanted = settings.diagnostics
    if wanted.audit_reads and not wanted.cluster:
        rule = "is part of the cluster's logs, which are off"
        yield Problem(f"{path}.auditReads", "true", rule, "set cluster: true as well")
    gateway = draft.ingress and draft.ingress.has_application_gateway
    if wanted.application_gateway and draft.ingress and not gateway:
        rule = "there is no Application Gateway without aks-network:ingress.waf"
        remedy = "remove it, or configure the firewall"
        yield Problem(f"{path}.applicationGateway", "true", rule, remedy)
    if wanted.bastion and draft.management:
        sku = draft.management.bastion.sku
        if sku not in _BASTIONS_WITH_AUDIT_LOGS:
            rule = f"Bastion's {sku} SKU writes no audit logs"
            remedy = "remove it, or set aks-network:management.bastion.sku to Standard or Premium"
            yield Problem(f"{path}.bastion", "true", rule, remedy)
    if wanted.firewall and draft.network and draft.network.egress != "firewall":
        rule = f"there is no Azure Firewall with aks-network:network.egress {draft.network.egress}"
        yield Problem(f"{path}.firewall", "true", rule, "remove it, or set egress: firewall")
