"""Which log categories each kind of resource sends to Log Analytics: one table with its sources.

Metrics are not sent: Azure Monitor keeps the platform's metrics for 93 days without a diagnostic
setting, and exporting them costs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "cluster",
    "applicationGateway",
    "applicationGatewayForContainers",
    "bastion",
    "firewall",
    "keyVault",
]
"""The kinds of resources that send logs, as the settings call them."""


@dataclass(frozen=True)
class Logs:
    """The logs of one kind of resource."""

    categories: tuple[str, ...]
    dedicated: bool
    """Whether the setting chooses the tables. The services for which this is False decide
    themselves, and answer with another value than was sent, a change in every later preview
    (github.com/Azure/azure-rest-api-specs/issues/22400)."""
    source: str


_CATEGORIES = "azure-monitor/reference/supported-logs/"

LOGS: Mapping[Kind, Logs] = {
    "cluster": Logs(
        # Recommended in azure-monitor/containers/monitor-kubernetes. Not kube-audit: it holds every
        # get and list request of every controller. Not kube-scheduler nor the CSI drivers: of use
        # only while something is wrong with them.
        (
            "kube-audit-admin",
            "guard",
            "kube-apiserver",
            "kube-controller-manager",
            "cloud-controller-manager",
            "cluster-autoscaler",
        ),
        dedicated=True,
        source=f"{_CATEGORIES}microsoft-containerservice-managedclusters-logs",
    ),
    "applicationGateway": Logs(
        # The performance log is version 1's only; version 2 has metrics instead
        # (application-gateway/monitor-application-gateway-reference).
        ("ApplicationGatewayAccessLog", "ApplicationGatewayFirewallLog"),
        dedicated=True,
        source=f"{_CATEGORIES}microsoft-network-applicationgateways-logs",
    ),
    "applicationGatewayForContainers": Logs(
        ("TrafficControllerAccessLog", "TrafficControllerFirewallLog"),
        dedicated=False,
        source=f"{_CATEGORIES}microsoft-servicenetworking-trafficcontrollers-logs",
    ),
    "bastion": Logs(
        ("BastionAuditLogs",),
        dedicated=False,
        source=f"{_CATEGORIES}microsoft-network-bastionhosts-logs",
    ),
    "firewall": Logs(
        # The structured ones. Flow traces and the largest flows have to be enabled on the firewall
        # itself, and the aggregations are for Policy Analytics (firewall/monitor-firewall).
        (
            "AZFWApplicationRule",
            "AZFWNetworkRule",
            "AZFWNatRule",
            "AZFWThreatIntel",
            "AZFWIdpsSignature",
            "AZFWDnsQuery",
            "AZFWFqdnResolveFailure",
        ),
        dedicated=True,
        source=f"{_CATEGORIES}microsoft-network-azurefirewalls-logs",
    ),
    "keyVault": Logs(
        ("AuditEvent",),
        dedicated=False,
        source=f"{_CATEGORIES}microsoft-keyvault-vaults-logs",
    ),
}


def categories(kind: Kind, *, audit_reads: bool = False) -> tuple[str, ...]:
    """The categories to send; with `audit_reads`, the cluster's audit log of every request."""
    chosen = LOGS[kind].categories
    if kind == "cluster" and audit_reads:
        # kube-audit holds what kube-audit-admin does, and the reading requests.
        return ("kube-audit", *(name for name in chosen if name != "kube-audit-admin"))
    return chosen
