"""Runs all checks in their order; a check that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from cli.doctor.checks import (
    account,
    capacity,
    certificates,
    dns_servers,
    existing,
    names,
    permissions,
    phases,
    private_dns,
    providers,
    quotas,
    state,
    tools,
)
from cli.doctor.context import Context
from cli.doctor.findings import CheckUnavailable, Finding, Result, failed, ok

WORKERS = 8
"""Checks that run at a time; Azure's request limits are far higher."""


@dataclass(frozen=True)
class Check:
    """A check, and the title of its finding where it can't run."""

    title: str
    find: Callable[[Context], Iterator[Finding]]


@dataclass(frozen=True)
class Group:
    """The findings of one group of checks."""

    title: str
    findings: tuple[Finding, ...]


def configuration(context: Context) -> Iterator[Finding]:
    """The stack file has no problems, and the program runs on it."""
    try:
        context.checked.get()
    except CheckUnavailable as unavailable:
        yield failed("Configuration", unavailable.reason, unavailable.remedy)
        return
    count = len(context.planned.get())
    yield ok("Configuration", f"{context.file.name} is valid: {count} Azure resources")


CHECKS: dict[str, tuple[Check, ...]] = {
    "Tools": (
        Check("Python", tools.python),
        Check("Python packages", tools.packages),
        Check("Pulumi CLI", tools.pulumi),
        Check("Provider plugins", tools.plugins),
        Check("Azure CLI", tools.azure_cli),
        Check("kubelogin", tools.kubelogin),
    ),
    "Stack": (
        Check("Configuration", configuration),
        Check("State backend", state.backend),
        Check("Stack", state.stack),
        Check("Secrets provider", state.secrets),
        Check("Secrets and keys", state.missing),
    ),
    "Sign-in": (
        Check("Signed in", account.signed_in),
        Check("Tenant", account.tenant),
        Check("Subscription", account.subscription),
        Check("azure-native settings", account.pinned),
        Check("Rights in the subscription", permissions.subscription),
        Check("Rights in the cluster", permissions.cluster),
    ),
    "Subscription": (
        Check("Resource providers", providers.registered),
        Check("Features", providers.features),
        Check("Microsoft Defender", providers.defender),
        Check("vCPUs", quotas.compute),
        Check("Network quotas", quotas.network),
    ),
    "Region": (
        Check("Region", capacity.region),
        Check("Availability zones", capacity.zones),
        Check("Types in the region", providers.offered),
        Check("Machine sizes", capacity.sizes),
        Check("Kubernetes version", capacity.kubernetes),
    ),
    "Names": (
        Check("Resource groups", names.groups),
        Check("Global names", names.available),
        Check("Roles", names.roles),
    ),
    "Existing resources": (
        Check("Existing resources", existing.existing),
        Check("Certificates in key vaults", certificates.certificates),
        Check("Private DNS zones", private_dns.overlaps),
        Check("Links of private DNS zones", private_dns.unlinked),
        Check("DNS servers", dns_servers.servers),
        Check("Phase", phases.phase),
    ),
}


def run(context: Context) -> list[Group]:
    """The findings of all checks."""
    with ThreadPoolExecutor(WORKERS) as pool:
        under_way = {
            title: [pool.submit(_findings, check, context) for check in checks]
            for title, checks in CHECKS.items()
        }
        return [
            Group(title, tuple(finding for one in futures for finding in one.result()))
            for title, futures in under_way.items()
        ]


def _findings(check: Check, context: Context) -> list[Finding]:
    """The findings of a check; that it can't run, or has a defect, is a finding too."""
    found: list[Finding] = []
    try:
        for finding in check.find(context):
            found.append(finding)  # noqa: PERF402 - keeps the findings before an exception
    except CheckUnavailable as unavailable:
        found.append(unavailable.finding(check.title))
    except Exception as error:  # noqa: BLE001 - a defect must not stop the other checks
        found.append(
            Finding(
                check.title,
                Result.UNCHECKED,
                f"the check itself failed: {type(error).__name__}: {error}",
                "report this",
            )
        )
    return found


def status(groups: list[Group]) -> int:
    """1 where a deployment would fail, else 0."""
    return int(any(f.result == Result.FAILED for group in groups for f in group.findings))
