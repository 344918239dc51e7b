"""The sign-in, and whether it agrees with the stack's settings."""

from __future__ import annotations

from collections.abc import Iterator

from cli.doctor.context import Context
from cli.doctor.findings import CheckUnavailable, Finding, failed, ok, warning

SUBSCRIPTION_API = "2022-12-01"
"""Microsoft Learn: rest/api/resources/subscriptions/get."""

_REMEDIES = {
    "Warned": "pay the outstanding bill, or Azure disables the subscription",
    "PastDue": "pay the outstanding bill, or Azure disables the subscription",
}
"""States in which a subscription still accepts writes (Microsoft Learn: cost-management-billing/
manage/subscription-states)."""


def signed_in(context: Context) -> Iterator[Finding]:
    """The method that azure-native uses works."""
    try:
        account = context.azure.sign_in()
    except CheckUnavailable as unavailable:
        yield failed("Signed in", unavailable.reason, unavailable.remedy)
        return
    kind = "user" if account.is_user else "service principal"
    yield ok("Signed in", f"by {account.method}, {kind} {account.object_id}")


def tenant(context: Context) -> Iterator[Finding]:
    """The tenant of the sign-in is the one that the settings name."""
    account, wanted = context.azure.sign_in(), context.options.tenant
    if wanted and wanted.lower() != account.tenant.lower():
        yield failed(
            "Tenant",
            f"signed in to {account.tenant}, but {wanted} is set",
            f"az login --tenant {wanted}",
        )
    else:
        yield ok("Tenant", account.tenant)


def subscription(context: Context) -> Iterator[Finding]:
    """The subscription exists, is enabled, and belongs to the tenant."""
    name, account = "Subscription", context.azure.sign_in()
    found = context.azure.find(context.subscription, SUBSCRIPTION_API)
    if found is None:
        yield failed(
            name,
            f"{account.subscription} does not exist, or you may not read it",
            "set azure-native:subscriptionId to one of az account list",
        )
        return
    state, shown = str(found.get("state")), f"{found.get('displayName')} ({account.subscription})"
    if state == "Enabled":
        yield ok(name, f"{shown} is enabled")
    elif state in _REMEDIES:
        yield warning(name, f"{shown} is {state}", _REMEDIES[state])
    else:
        yield failed(name, f"{shown} is {state}: it accepts no writes", "enable it again")
    tenant_of_subscription = str(found.get("tenantId", ""))
    if tenant_of_subscription.lower() != account.tenant.lower():
        yield failed(
            "Subscription's tenant",
            f"{tenant_of_subscription}, but the sign-in is in {account.tenant}",
            f"az login --tenant {tenant_of_subscription}",
        )


def pinned(context: Context) -> Iterator[Finding]:
    """The stack file names its subscription, and the environment names no other."""
    name, key = "azure-native settings", "azure-native:subscriptionId"
    account = context.azure.sign_in()
    configured = str(context.config.get(key) or "")
    variable = context.options.environment.get("ARM_SUBSCRIPTION_ID", "")
    if configured and variable and configured.lower() != variable.lower():
        yield warning(
            name,
            f"{key} is {configured} and overrides ARM_SUBSCRIPTION_ID, which is {variable}",
            "set both to the same subscription",
        )
    elif configured or context.simulated:
        yield ok(name, "agree with the sign-in")
    elif variable:
        yield ok(name, "ARM_SUBSCRIPTION_ID names the subscription")
    else:
        yield warning(
            name,
            "the subscription is the one that az has selected at the time",
            f"pulumi config set --stack {context.stack} {key} {account.subscription}",
        )
