"""All checks in their order, and running them so that none keeps another from its result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from cli.doctor.checks import (
    account,
    capacity,
    existing,
    names,
    permissions,
    providers,
    quotas,
    state,
    tools,
)
from cli.doctor.context import Subject
from cli.doctor.findings import Finding, Result, Unanswered, failed, ok

AT_ONCE = 8
"""Questions under way at a time; Azure limits requests far above that."""


@dataclass(frozen=True)
class Check:
    """A check, and what its finding is called where it can't be made."""

    subject: str
    find: Callable[[Subject], Iterator[Finding]]


@dataclass(frozen=True)
class Group:
    """The findings of one group of checks."""

    title: str
    findings: tuple[Finding, ...]


def configuration(subject: Subject) -> Iterator[Finding]:
    """The stack file has no problems, and the program can be run on it."""
    try:
        subject.checked.get()
    except Unanswered as why:
        yield failed("Configuration", why.why, why.remedy)
        return
    count = len(subject.planned.get())
    yield ok("Configuration", f"{subject.file.name} is consistent: {count} Azure resources")


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
    "What others own": (Check("Others' resources", existing.existing),),
}


def run(subject: Subject) -> list[Group]:
    """The findings of all checks."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        under_way = {
            title: [pool.submit(_findings, check, subject) for check in checks]
            for title, checks in CHECKS.items()
        }
        return [
            Group(title, tuple(finding for one in futures for finding in one.result()))
            for title, futures in under_way.items()
        ]


def _findings(check: Check, subject: Subject) -> list[Finding]:
    """What a check finds; what it can't find out, and a defect of its own, is a finding too."""
    found: list[Finding] = []
    try:
        for finding in check.find(subject):
            found.append(finding)  # noqa: PERF402 - what came before an exception counts
    except Unanswered as why:
        found.append(why.finding(check.subject))
    except Exception as error:  # noqa: BLE001 - one check's defect is not another's
        found.append(
            Finding(
                check.subject,
                Result.UNCHECKED,
                f"the check itself failed: {type(error).__name__}: {error}",
                "report this",
            )
        )
    return found


def status(groups: list[Group]) -> int:
    """1 where a deployment would fail, else 0."""
    return int(any(f.result == Result.FAILED for group in groups for f in group.findings))
