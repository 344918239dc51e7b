"""What Windows node pools require of their cluster."""

from __future__ import annotations

import re

from simulator.azure.model import Request
from simulator.azure.namespaces.compute import FORBIDDEN_USERS
from simulator.azure.namespaces.containerservice.view import (
    CLUSTER,
    FIRST_WITHOUT_WINDOWS_2022,
    POOL,
    minor_number,
    view,
)
from simulator.azure.rules import Refusal, rule
from support.nested import at

_LEARN = "Microsoft Learn: azure/aks/windows-faq"
_REST = (
    "Microsoft Learn: rest/api/aks/managed-clusters/create-or-update#managedclusterwindowsprofile"
)

_PASSWORDS = """abc@123 P@$$w0rd P@ssw0rd P@ssword123 Pa$$word pass@word1 Password! Password1
 Password22 iloveyou!"""
_BEFORE_2025 = frozenset({"Windows2019", "Windows2022"})
_CLASSES = ("[a-z]", "[A-Z]", "[0-9]", r"[^A-Za-z0-9]")


@rule("AzureCNIOnlyForWindows", CLUSTER, POOL, source="github.com/Azure/AKS/issues/1076")
def windows_needs_azure_cni(request: Request) -> str | None:
    """Windows nodes require Azure CNI."""
    cluster = view(request)
    if cluster.plugin in ("", "azure") or not any(pool.windows for pool in cluster.written_pools):
        return None
    return "Windows agent pools can only be added to AKS clusters using Azure-CNI."


@rule("WindowsProfileMissing", CLUSTER, POOL, source=_LEARN)
def windows_needs_an_administrator(request: Request) -> str | None:
    """A cluster with Windows nodes needs a Windows profile."""
    cluster = view(request)
    if any(pool.windows for pool in cluster.written_pools) and not cluster.inputs.get(
        "windowsProfile"
    ):
        return "Windows profile definition is missing for the cluster."
    return None


@rule(
    "BadRequest",
    CLUSTER,
    POOL,
    source="Azure/AKS release notes 2026-06-19, github.com/Azure/AKS/issues/5904",
)
def windows_server_2022_ends_with_kubernetes_1_36(request: Request) -> Refusal | None:
    """No pool of Windows Server 2022 (or older) runs Kubernetes 1.37 or later."""
    cluster = view(request)
    control_plane = str(cluster.inputs.get("kubernetesVersion") or "")
    for pool in cluster.written_pools:
        version = cluster.version(pool, control_plane)
        image = cluster.os_sku(pool, version)
        if image in _BEFORE_2025 and minor_number(version) >= FIRST_WITHOUT_WINDOWS_2022:
            return Refusal(f"{image} is not supported in Kubernetes 1.37 and above.", "osSKU")
    return None


@rule("BadRequest", CLUSTER, source="Microsoft Learn: azure/aks/upgrade-os-version")
def windows_server_2022_pools_block_the_upgrade_to_kubernetes_1_37(
    request: Request,
) -> Refusal | None:
    """An upgrade is blocked while a pool has an image that the new version does not support.

    The page says so of versioned images, but not how Azure refuses it.
    """
    if request.old is None:
        return None
    version = str(request.inputs.get("kubernetesVersion") or "")
    if minor_number(version) < FIRST_WITHOUT_WINDOWS_2022:
        return None
    for name, item in view(request).stored_pools.items():
        image = item.outputs.get("osSKU")
        if image in _BEFORE_2025:
            text = f"Node pool '{name}' runs {image}, which Kubernetes {version} does not support."
            return Refusal(text, "kubernetesVersion")
    return None


@rule(
    "BadRequest",
    CLUSTER,
    POOL,
    source="Microsoft Learn: azure/aks/upgrade-os-version,"
    " github.com/Azure/azure-cli-extensions/pull/10255",
)
def windows_server_2025_has_a_fips_image(request: Request) -> Refusal | None:
    """A pool of Windows Server 2025 must ask for the FIPS image: there is no other."""
    cluster = view(request)
    control_plane = str(cluster.inputs.get("kubernetesVersion") or "")
    for pool in cluster.written_pools:
        image = cluster.os_sku(pool, cluster.version(pool, control_plane))
        if image == "Windows2025" and pool.settings.get("enableFIPS") is not True:
            text = f"Windows2025 pool '{pool.name}' requires a FIPS-enabled image."
            return Refusal(text, "agentPoolProfile.enableFIPS")
    return None


@rule(
    "PropertyChangeNotAllowed",
    CLUSTER,
    POOL,
    source="Microsoft Learn: azure/aks/upgrade-windows-os",
)
def a_windows_pool_keeps_its_version(request: Request) -> Refusal | None:
    """An update of a pool from one Windows Server version to another is not supported.

    A preview of Azure CLI accepts the update from 2022 to 2025 since September 2026
    (azure-cli-extensions pull request 10255); no page documents it.
    """
    cluster = view(request)
    for pool in cluster.written_pools:
        stored = cluster.stored_pools.get(pool.name)
        new = pool.settings.get("osSKU")
        if pool.windows and stored and new and stored.outputs.get("osSKU") != new:
            text = "Changing property 'agentPoolProfile.osSKU' is not allowed."
            return Refusal(text, "agentPoolProfile.osSKU")
    return None


def _user_problem(name: str) -> str | None:
    if not 1 <= len(name) <= 20:
        return "use 1 to 20 characters"
    if name.endswith("."):
        return "it must not end with a full stop"
    return "it is a reserved user name" if name.lower() in FORBIDDEN_USERS else None


def _password_problem(text: str) -> str | None:
    if not 8 <= len(text) <= 123:
        return "use 8 to 123 characters"
    if sum(bool(re.search(kind, text)) for kind in _CLASSES) < 3:
        return "use three of: lower case, upper case, digits, other characters"
    return "it is a well-known password" if text in _PASSWORDS.split() else None


@rule("InvalidParameter", CLUSTER, source=_REST)
def the_administrators_credentials_are_acceptable(request: Request) -> Refusal | None:
    """The user name and the password of the Windows administrator have restrictions."""
    for key, problem in (("adminUsername", _user_problem), ("adminPassword", _password_problem)):
        value = at(request.inputs, "windowsProfile", key)
        why = problem(value) if isinstance(value, str) else None
        if why:
            target = f"windowsProfile.{key}"
            return Refusal(f"The value of parameter {target} is invalid: {why}.", target)
    return None


TYPES = ()
