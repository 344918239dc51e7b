"""Who is signed in, where, and whether that is what the stack's settings say."""

from __future__ import annotations

from collections.abc import Iterator

from cli.doctor.context import Subject
from cli.doctor.findings import Finding, Unanswered, failed, ok, warning

SUBSCRIPTION_API = "2022-12-01"
"""Microsoft Learn: rest/api/resources/subscriptions/get."""

_REMEDIES = {
    "Warned": "pay what is due, or the subscription will be disabled",
    "PastDue": "pay what is due, or the subscription will be disabled",
}
"""States in which a subscription still takes writes (Microsoft Learn: cost-management-billing/
manage/subscription-states)."""


def signed_in(subject: Subject) -> Iterator[Finding]:
    """The method that azure-native takes, and that it works."""
    try:
        account = subject.answers.sign_in()
    except Unanswered as why:
        yield failed("Signed in", why.why, why.remedy)
        return
    kind = "user" if account.is_user else "service principal"
    yield ok("Signed in", f"by {account.method}, {kind} {account.object_id}")


def tenant(subject: Subject) -> Iterator[Finding]:
    """The tenant of the sign-in is the one the settings name."""
    account, wanted = subject.answers.sign_in(), subject.options.tenant
    if wanted and wanted.lower() != account.tenant.lower():
        yield failed(
            "Tenant",
            f"signed in to {account.tenant}, but {wanted} is set",
            f"az login --tenant {wanted}",
        )
    else:
        yield ok("Tenant", account.tenant)


def subscription(subject: Subject) -> Iterator[Finding]:
    """It exists, it is enabled, and it lies in the tenant."""
    name, account = "Subscription", subject.answers.sign_in()
    found = subject.answers.find(subject.subscription, SUBSCRIPTION_API)
    if found is None:
        yield failed(
            name,
            f"{account.subscription} does not exist, or nothing of it may be seen",
            "look at az account list, and set azure-native:subscriptionId",
        )
        return
    state, shown = str(found.get("state")), f"{found.get('displayName')} ({account.subscription})"
    if state == "Enabled":
        yield ok(name, f"{shown} is enabled")
    elif state in _REMEDIES:
        yield warning(name, f"{shown} is {state}", _REMEDIES[state])
    else:
        yield failed(name, f"{shown} is {state}: it takes no writes", "have it enabled again")
    there = str(found.get("tenantId", ""))
    if there.lower() != account.tenant.lower():
        yield failed(
            "Subscription's tenant",
            f"{there}, and the sign-in is in {account.tenant}",
            f"az login --tenant {there}",
        )


def pinned(subject: Subject) -> Iterator[Finding]:
    """The stack file names its subscription, and nothing in the environment names another."""
    name, key = "azure-native settings", "azure-native:subscriptionId"
    account = subject.answers.sign_in()
    configured = str(subject.config.get(key) or "")
    variable = subject.options.environment.get("ARM_SUBSCRIPTION_ID", "")
    if configured and variable and configured.lower() != variable.lower():
        yield warning(
            name,
            f"{key} is {configured} and wins over ARM_SUBSCRIPTION_ID, which is {variable}",
            "make them agree",
        )
    elif configured or subject.simulated:
        yield ok(name, "agree with the sign-in")
    elif variable:
        yield ok(name, "the subscription is that of ARM_SUBSCRIPTION_ID")
    else:
        yield warning(
            name,
            "the subscription is whichever az has selected",
            f"pulumi config set --stack {subject.stack} {key} {account.subscription}",
        )
