"""Kubernetes versions that AKS supports, and upgrades between them."""

from __future__ import annotations

from typing import Literal

from simulator.azure.model import Request
from simulator.azure.namespaces.containerservice.view import CLUSTER, POOL, minor_number, view
from simulator.azure.rules import Refusal, advice, rule
from support.nested import at

_LEARN = "Microsoft Learn: azure/aks/supported-kubernetes-versions"
_UPGRADE = "Microsoft Learn: troubleshoot/azure/azure-kubernetes/create-upgrade-delete"

DEFAULT = "1.35"
"""Version of a cluster that does not set one."""

Status = Literal["supported", "retiring", "long-term"]

# Minor version -> (status, end of support). `long-term` versions need the support plan
# AKSLongTermSupport, which the tier Premium allows and does not switch on. As of November 2026.
VERSIONS: dict[str, tuple[Status, str]] = {
    "1.32": ("long-term", "March 2027"),
    "1.33": ("long-term", "June 2027"),
    "1.34": ("retiring", "November 2026"),
    "1.35": ("supported", "March 2027"),
    "1.36": ("supported", "June 2027"),
    "1.37": ("supported", "October 2027"),
}


def minor(version: str) -> str:
    """`1.35` of `1.35.1`."""
    return ".".join(version.split(".")[:2])


def _is_supported(version: str, request: Request) -> bool:
    row = VERSIONS.get(minor(version))
    long_term = str(view(request).inputs.get("supportPlan") or "").lower() == "akslongtermsupport"
    return row is not None and (row[0] != "long-term" or long_term)


def _unsupported(version: str, request: Request) -> str:
    supported = ", ".join(other for other in VERSIONS if _is_supported(other, request))
    return f"Version {version} is not supported in this region. Supported: {supported}."


@rule(
    "AgentPoolK8sVersionNotSupported",
    CLUSTER,
    POOL,
    source="github.com/Azure/application-gateway-kubernetes-ingress/issues/696",
)
def new_clusters_and_pools_have_a_supported_version(request: Request) -> str | None:
    """A new cluster or pool needs a supported version; long-term versions require their plan."""
    if request.old is not None:
        return None
    cluster = view(request)
    requested = [cluster.inputs.get("kubernetesVersion")] if request.type.token == CLUSTER else []
    requested += [pool.settings.get("orchestratorVersion") for pool in cluster.written_pools]
    for version in requested:
        if version and not _is_supported(str(version), request):
            return _unsupported(str(version), request)
    return None


@rule(
    "K8sVersionNotSupported",
    CLUSTER,
    source=f"{_UPGRADE}/upgrading-or-scaling-does-not-succeed",
)
def upgrades_lead_to_a_supported_version(request: Request) -> str | None:
    """An upgrade must lead to a supported version."""
    old, new = _change(request)
    if old and new and old != new and not _is_supported(new, request):
        return _unsupported(new, request)
    return None


def _change(request: Request) -> tuple[str, str]:
    """Control plane version before and after the request; empty if not set."""
    old = at(request.old.outputs, "kubernetesVersion") if request.old else ""
    return str(old or ""), str(request.inputs.get("kubernetesVersion") or "")


@rule(
    "OperationNotAllowed",
    CLUSTER,
    source=f"{_UPGRADE}/upgrading-or-scaling-does-not-succeed",
)
def upgrades_skip_no_minor_version(request: Request) -> str | None:
    """An upgrade cannot skip a minor version or go back."""
    old, new = _change(request)
    if old and new and minor_number(new) - minor_number(old) not in (0, 1):
        return f"Upgrading Kubernetes version {old} to {new} is not allowed."
    return None


@rule(
    "NodePoolMcVersionIncompatible",
    CLUSTER,
    POOL,
    source=f"{_UPGRADE}/nodepoolmcversionincompatible-error",
)
def pools_keep_up_with_the_control_plane(request: Request) -> Refusal | None:
    """A pool is at most three minor versions older than the control plane, and never newer."""
    cluster = view(request)
    control_plane = str(cluster.inputs.get("kubernetesVersion") or DEFAULT)
    for pool in cluster.pools:
        version = cluster.version(pool, control_plane)
        if not 0 <= minor_number(control_plane) - minor_number(version) <= 3:
            return Refusal(
                f"Node pool version {version} and control plane version {control_plane} are"
                " incompatible.",
                "agentPoolProfile.orchestratorVersion",
            )
    return None


@rule(
    "NotAllAgentPoolOrchestratorVersionSpecifiedAndUnchanged",
    CLUSTER,
    source="github.com/Azure/AKS/issues/4765, github.com/Azure/ARO-HCP/pull/662",
)
def a_cluster_write_names_the_versions_of_all_pools_or_of_none(request: Request) -> str | None:
    """An upgrade by a write of the cluster names the versions of all its pools, or of none."""
    cluster = view(request)
    named = {
        pool.name: str(pool.settings["orchestratorVersion"])
        for pool in cluster.written_pools
        if pool.settings.get("orchestratorVersion")
    }
    if request.old is None or not named or len(named) == len(cluster.pools):
        return None
    old, new = _change(request)
    runs = {
        name: item.outputs.get("orchestratorVersion") for name, item in cluster.stored_pools.items()
    }
    if old == new and all(runs.get(name) == version for name, version in named.items()):
        return None
    return (
        "A write of the managed cluster must give the OrchestratorVersion of all agent pools or of"
        " none. Change the version of a single pool by a write of that agent pool."
    )


@rule(
    "AgentPoolUpgradeVersionNotAllowed",
    POOL,
    source="github.com/kubernetes-sigs/cluster-api-provider-azure/issues/1883",
)
def pools_skip_no_minor_version(request: Request) -> str | None:
    """A pool moves up by one minor version at a time, and never back."""
    if request.old is None:
        return None
    old = str(request.old.outputs.get("orchestratorVersion") or "")
    new = str(request.inputs.get("orchestratorVersion") or old)
    if minor_number(new) - minor_number(old) not in (0, 1):
        return f"Upgrading the agent pool from version {old} to {new} is not allowed."
    return None


@rule(
    "BadRequest",
    CLUSTER,
    source="Microsoft Learn: azure/aks/long-term-support (Premium tier)",
)
def long_term_support_needs_the_premium_tier(request: Request) -> str | None:
    """The plan is a feature of the tier Premium."""
    plan = str(request.inputs.get("supportPlan") or "").lower()
    tier = str(at(request.inputs, "sku", "tier") or "Free").lower()
    if plan == "akslongtermsupport" and tier != "premium":
        return "The support plan AKSLongTermSupport needs the tier Premium."
    return None


_RENAMED = {("name", "basic"): "Base", ("tier", "paid"): "Standard"}
"""Names of SKUs and tiers before API version 2023-02-01, and their present names."""


@rule("SkuNotAvailable", CLUSTER, source="github.com/pulumi/pulumi-azure-native/issues/2600")
def skus_have_their_present_names(request: Request) -> Refusal | None:
    """AKS renamed the SKU Basic and the tier Paid."""
    for (key, former), present in _RENAMED.items():
        value = str(at(request.inputs, "sku", key) or "")
        if value.lower() == former:
            return Refusal(
                f"{value} managed cluster SKU {key} is invalid: it is '{present}' since API version"
                " 2023-02-01.",
                f"sku.{key}",
            )
    return None


@advice(CLUSTER, source=_LEARN)
def retiring_versions_are_left_in_time(request: Request) -> str | None:
    """Warn in the last month of a version's support."""
    version = minor(str(request.inputs.get("kubernetesVersion") or DEFAULT))
    status, end = VERSIONS.get(version, ("supported", ""))
    if status == "retiring":
        return f"Support for Kubernetes {version} ends in {end}."
    return None


TYPES = ()
