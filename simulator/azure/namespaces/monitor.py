"""Microsoft.Insights: diagnostic settings."""

from __future__ import annotations

from simulator.azure.model import Request, ResourceType
from simulator.azure.rules import Refusal, rule
from support import arm_ids
from support.nested import at, items

_SUPPORTED = "Microsoft Learn: azure-monitor/reference/supported-logs"
_OVERVIEW = "Microsoft Learn: azure-monitor/platform/diagnostic-settings"

# The log categories of a resource type, by lower-case ARM type.
CATEGORIES: dict[str, frozenset[str]] = {
    "microsoft.containerservice/managedclusters": frozenset(
        {
            "cloud-controller-manager",
            "cluster-autoscaler",
            "csi-azuredisk-controller",
            "csi-azurefile-controller",
            "csi-snapshot-controller",
            "fleet-mcs-controller-manager",
            "fleet-member-agent",
            "fleet-member-net-controller-manager",
            "guard",
            "karpenter-events",
            "kube-apiserver",
            "kube-audit",
            "kube-audit-admin",
            "kube-controller-manager",
            "kube-scheduler",
        }
    ),
    "microsoft.network/applicationgateways": frozenset(
        {
            "ApplicationGatewayAccessLog",
            "ApplicationGatewayFirewallLog",
            "ApplicationGatewayPerformanceLog",
        }
    ),
    "microsoft.network/azurefirewalls": frozenset(
        {
            "AZFWApplicationRule",
            "AZFWApplicationRuleAggregation",
            "AZFWDnsAdditional",
            "AZFWDnsQuery",
            "AZFWFatFlow",
            "AZFWFlowTrace",
            "AZFWFqdnResolveFailure",
            "AZFWIdpsSignature",
            "AZFWNatRule",
            "AZFWNatRuleAggregation",
            "AZFWNetworkRule",
            "AZFWNetworkRuleAggregation",
            "AZFWThreatIntel",
            "AzureFirewallApplicationRule",
            "AzureFirewallDnsProxy",
            "AzureFirewallNetworkRule",
        }
    ),
    "microsoft.network/bastionhosts": frozenset({"BastionAuditLogs"}),
    "microsoft.servicenetworking/trafficcontrollers": frozenset(
        {"TrafficControllerAccessLog", "TrafficControllerFirewallLog"}
    ),
    "microsoft.keyvault/vaults": frozenset({"AuditEvent", "AzurePolicyEvaluationDetails"}),
}


def _enabled(inputs: object) -> set[str]:
    return {
        str(at(entry, "category"))
        for entry in items(inputs, "logs")
        if at(entry, "enabled") and at(entry, "category")
    }


@rule("BadRequest", "monitor:DiagnosticSetting", source=_SUPPORTED)
def categories_are_the_resources_own(request: Request) -> str | Refusal | None:
    """A resource has only the log categories of its type."""
    target = arm_ids.parse(str(request.inputs["resourceUri"]))
    known = CATEGORIES.get(target.type.lower()) if target else None
    if known is None:
        return None
    for category in sorted(_enabled(request.inputs)):
        if category not in known:
            return Refusal(f"Category '{category}' is not supported.", "logs")
    return None


@rule("Conflict", "monitor:DiagnosticSetting", source=_OVERVIEW, status=409)
def a_category_goes_to_a_sink_once(request: Request) -> str | None:
    """Two settings of a resource cannot send the same category to the same workspace."""
    sink = str(request.inputs.get("workspaceId", "")).lower()
    for other in request.siblings():
        if str(other.inputs.get("workspaceId", "")).lower() != sink:
            continue
        for category in sorted(_enabled(request.inputs) & _enabled(other.inputs)):
            return (
                f"Diagnostic setting '{other.name}' already sends category '{category}' of this"
                f" resource to {sink}."
            )
    return None


@rule(
    "BadRequest",
    "monitor:DiagnosticSetting",
    source="github.com/hashicorp/terraform-provider-azurerm/issues/23051",
)
def a_new_setting_has_no_retention(request: Request) -> Refusal | None:
    """Azure refuses a retention for new settings; it accepts one that is off, with 0 days."""
    if request.old is not None:
        return None
    for kind in ("logs", "metrics"):
        for entry in items(request.inputs, kind):
            if at(entry, "retentionPolicy", "enabled") or at(entry, "retentionPolicy", "days"):
                return Refusal(
                    "Diagnostic settings does not support retention for new diagnostic settings.",
                    f"{kind}.retentionPolicy",
                )
    return None


TYPES = [
    ResourceType(
        "monitor:DiagnosticSetting",
        "2021-05-01-preview",
        seconds=3,
        outlives_scope=True,
    ),
]
