"""Rules between observability and the other settings: what sends logs must exist."""

from __future__ import annotations

from collections.abc import Iterator

from components import retirements
from components.problems import Problem
from components.settings.ingress import IngressSettings
from components.settings.management import ManagementSettings
from components.settings.network import NetworkSettings
from components.settings.observability import ObservabilitySettings
from components.settings.partial import skips_unreadable
from components.settings.paths import OBSERVABILITY

DIAGNOSTICS = f"{OBSERVABILITY}.diagnostics"

_BASTIONS_WITH_AUDIT_LOGS = frozenset({"Standard", "Premium"})
"""bastion/configuration-settings, "SKUs"."""


@skips_unreadable
def workspace(settings: ObservabilitySettings) -> Iterator[Problem]:
    """The program does not set the retention and quota of another team's workspace."""
    given = settings.workspace
    if given is None or given.existing is None:
        return
    own = {"retention_days": "retentionDays", "daily_quota_gb": "dailyQuotaGb"}
    for field, key in own.items():
        if field in given.model_fields_set:
            value = str(getattr(given, field))
            path = f"{OBSERVABILITY}.workspace.{key}"
            rule = "must not be set: the workspace is an existing one, which is never changed"
            yield Problem(path, value, rule, f"remove {key}, or remove existing")


@skips_unreadable
def flow_logs(settings: ObservabilitySettings) -> Iterator[Problem]:
    """Flow logs of network security groups are no longer created."""
    logs = settings.flow_logs
    if logs and logs.target == "network-security-groups":
        retired = retirements.NSG_FLOW_LOGS
        rule = (
            "must be virtual-networks: since 2025-06-30 Azure creates no new flow logs of network "
            f"security groups, and they retire on {retired.on.isoformat()}"
        )
        remedy = "use virtual-networks, which record the same traffic, or remove target"
        yield Problem(f"{OBSERVABILITY}.flowLogs.target", logs.target, rule, remedy)


@skips_unreadable
def traffic_analytics(settings: ObservabilitySettings) -> Iterator[Problem]:
    """Traffic analytics needs flow logs."""
    if settings.traffic_analytics and settings.flow_logs is None:
        rule = "must not be set without flowLogs: it analyses flow logs"
        remedy = "add flowLogs: {}, or remove trafficAnalytics"
        yield Problem(f"{OBSERVABILITY}.trafficAnalytics", "", rule, remedy)


@skips_unreadable
def audit_reads(settings: ObservabilitySettings) -> Iterator[Problem]:
    """The audit log is one of the cluster's logs."""
    if settings.diagnostics.audit_reads and not settings.diagnostics.cluster:
        rule = "must be false: it adds to the cluster's logs, which are off"
        remedy = "use cluster: true as well, or remove auditReads"
        yield Problem(f"{DIAGNOSTICS}.auditReads", "true", rule, remedy)


@skips_unreadable
def application_gateway(
    settings: ObservabilitySettings, ingress: IngressSettings
) -> Iterator[Problem]:
    """Logs of an Application Gateway need the gateway, also those of one for containers."""
    for_containers = ingress.uses_alb
    if settings.diagnostics.application_gateway and not ingress.has_application_gateway:
        rule = "must be false: there is no Application Gateway"
        remedy = "remove it, or configure one with aks-network:ingress.waf"
        if for_containers:
            remedy = "use applicationGatewayForContainers: true instead"
        yield Problem(f"{DIAGNOSTICS}.applicationGateway", "true", rule, remedy)
    if settings.diagnostics.application_gateway_for_containers and not for_containers:
        rule = f"must be false: aks-network:ingress.controller is {ingress.controller}"
        remedy = "remove it"
        if ingress.has_application_gateway:
            remedy = "use applicationGateway: true instead"
        path = f"{DIAGNOSTICS}.applicationGatewayForContainers"
        yield Problem(path, "true", rule, remedy)


@skips_unreadable
def bastion(settings: ObservabilitySettings, management: ManagementSettings) -> Iterator[Problem]:
    """Not every SKU of Bastion writes logs."""
    if not settings.diagnostics.bastion:
        return
    sku = management.bastion.sku
    if sku not in _BASTIONS_WITH_AUDIT_LOGS:
        rule = f"must be false: Bastion's {sku} SKU writes no audit logs"
        remedy = "remove it, or use aks-network:management.bastion.sku: Standard or Premium"
        yield Problem(f"{DIAGNOSTICS}.bastion", "true", rule, remedy)


def advice(settings: ObservabilitySettings) -> Iterator[str]:
    """Warnings about settings that Azure accepts."""
    if settings.defender:
        # defender-for-cloud/defender-for-containers-enable
        yield (
            "aks-network:observability.defender deploys the sensor only: the plan Defender for "
            "Containers is a setting of the subscription (az security pricing create --name "
            "Containers --tier Standard); make doctor looks whether it is enabled"
        )


@skips_unreadable
def firewall(settings: ObservabilitySettings, network: NetworkSettings) -> Iterator[Problem]:
    """Logs of Azure Firewall need one."""
    if settings.diagnostics.firewall and network.egress != "firewall":
        rule = f"must be false: network.egress is {network.egress}, so there is no Azure Firewall"
        remedy = "remove it, or use aks-network:network.egress: firewall"
        yield Problem(f"{DIAGNOSTICS}.firewall", "true", rule, remedy)
