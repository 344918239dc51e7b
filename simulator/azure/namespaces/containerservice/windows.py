"""What Windows node pools require of their cluster."""

from __future__ import annotations

import re

from simulator.azure.model import Request
from simulator.azure.namespaces.compute import FORBIDDEN_USERS
from simulator.azure.namespaces.containerservice.view import CLUSTER, POOL, view
from simulator.azure.rules import Refusal, rule
from support.nested import at

_LEARN = "Microsoft Learn: azure/aks/windows-faq"
_REST = (
    "Microsoft Learn: rest/api/aks/managed-clusters/create-or-update#managedclusterwindowsprofile"
)

_PASSWORDS = """abc@123 P@$$w0rd P@ssw0rd P@ssword123 Pa$$word pass@word1 Password! Password1
 Password22 iloveyou!"""
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


@rule("BadRequest", CLUSTER, POOL, source="Microsoft Learn: azure/aks/localdns-custom")
def local_dns_runs_on_linux(request: Request) -> Refusal | None:
    """LocalDNS cannot be required in a Windows pool."""
    for pool in view(request).written_pools:
        if pool.windows and at(pool.settings, "localDNSProfile", "mode") == "Required":
            text = f"LocalDNS is not supported in the Windows pool '{pool.name}'."
            return Refusal(text, "agentPoolProfile.localDNSProfile")
    return None


NO_WINDOWS_2022 = 37
"""From this minor version of Kubernetes 1 on, nodes run Windows Server 2025 only."""


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
        parts = cluster.version(pool, control_plane).split(".")
        newer = len(parts) > 1 and parts[1].isdigit() and int(parts[1]) >= NO_WINDOWS_2022
        image = str(pool.settings.get("osSKU") or "")
        if pool.windows and newer and image in {"Windows2019", "Windows2022"}:
            return Refusal(f"{image} is not supported in Kubernetes 1.37 and above.", "osSKU")
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
