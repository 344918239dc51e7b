"""Names that others may hold already, and what is in the cloud but not in the state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cli.doctor.context import Subject
from cli.doctor.findings import Finding, failed, ok
from cli.doctor.planned_resources import Planned
from support.nested import at, text

GROUP_API = "2021-04-01"
"""Microsoft Learn: rest/api/resources/resource-groups/get."""
ROLES_API = "2022-04-01"
"""Microsoft Learn: rest/api/authorization/role-definitions/list."""
VAULT_API = "2024-11-01"
"""Microsoft Learn: rest/api/keyvault/keyvault/vaults/check-name-availability, …/list-deleted."""
STORAGE_API = "2023-05-01"
"""Microsoft Learn: rest/api/storagerp/storage-accounts/check-name-availability."""
NETWORK_API = "2024-05-01"
"""Microsoft Learn: rest/api/virtualnetwork/check-dns-name-availability."""

Taken = tuple[str, str] | None
"""Why a name can't be had, and what to do; None where it can."""


@dataclass(frozen=True)
class Global:
    """A type whose names are one space for all of Azure."""

    token: str
    what: str
    name: Callable[[Mapping[str, Any]], Any]
    taken: Callable[[Subject, str], Taken]


def _vault(subject: Subject, name: str) -> Taken:
    # Deleted vaults keep their names; this list tells of one's own, which can be recovered.
    path = f"{subject.subscription}/providers/Microsoft.KeyVault"
    for vault in subject.answers.list(f"{path}/deletedVaults", VAULT_API):
        if str(vault.get("name", "")).lower() == name.lower():
            why = "it is that of a deleted vault"
            return why, f"az keyvault recover --name {name}, or purge it"
    body = {"name": name, "type": "Microsoft.KeyVault/vaults"}
    return _availability(subject.answers.ask(f"{path}/checkNameAvailability", VAULT_API, body))


def _storage(subject: Subject, name: str) -> Taken:
    path = f"{subject.subscription}/providers/Microsoft.Storage/checkNameAvailability"
    body = {"name": name, "type": "Microsoft.Storage/storageAccounts"}
    return _availability(subject.answers.ask(path, STORAGE_API, body))


def _availability(answer: Mapping[str, Any]) -> Taken:
    if answer.get("nameAvailable"):
        return None
    remedy = "change workload or environment, of which names are made"
    return f"{answer.get('reason')}: {answer.get('message')}", remedy


def _label(subject: Subject, name: str) -> Taken:
    location = subject.settings.location
    provider = f"{subject.subscription}/providers/Microsoft.Network"
    path = f"{provider}/locations/{location}/CheckDnsNameAvailability"
    answer = subject.answers.get(path, NETWORK_API, domainNameLabel=name)
    return None if answer.get("available") else ("it is taken", "choose another DNS label")


GLOBALS = (
    Global("keyvault:Vault", "key vault", lambda i: i.get("vaultName"), _vault),
    Global("storage:StorageAccount", "storage account", lambda i: i.get("accountName"), _storage),
    Global(
        "network:PublicIPAddress",
        "DNS label",
        lambda i: at(i, "dnsSettings", "domainNameLabel"),
        _label,
    ),
)


def available(subject: Subject) -> Iterator[Finding]:
    """Global names that are still to be had, of what is still to be made."""
    name = "Global names"
    new = subject.new
    asked = drawn = 0
    for one in new:
        for kind in GLOBALS:
            if one.token != kind.token:
                continue
            wanted = kind.name(one.inputs)
            if not isinstance(wanted, str):
                drawn += kind.token == "keyvault:Vault"  # noqa: S105 - a type
                continue
            asked += 1
            if taken := kind.taken(subject, wanted):
                yield failed(name, f"{kind.what} {wanted}: {taken[0]}", taken[1])
            else:
                yield ok(name, f"{kind.what} {wanted} is free")
    if not asked:
        why = "the key vault's is drawn by azure-native" if drawn else "none is needed"
        yield ok(name, why)


def groups(subject: Subject) -> Iterator[Finding]:
    """No resource group is there that the program would create, but does not know of.

    azure-native refuses to create what exists. Where a group is not there, nothing in it is.
    """
    name, account = "Resource groups", subject.answers.sign_in()
    wanted = {_group_name(one) for one in subject.new if one.token == "resources:ResourceGroup"}  # noqa: S105
    wanted |= {_nodes_group(one) for one in subject.new}
    wanted.discard("")
    there: list[str] = []
    for group in sorted(wanted):
        path = f"/subscriptions/{account.subscription}/resourceGroups/{group}"
        if subject.answers.find(path, GROUP_API) is not None:
            there.append(group)
    if there:
        cloud = "" if subject.simulated else " CLOUD=azure"
        yield failed(
            name,
            f"in the subscription, but not in the state of this stack: {', '.join(there)}",
            f"make recover STACK={subject.stack}{cloud} after an interrupted run; otherwise they "
            "are another's: change workload or environment",
        )
    else:
        yield ok(name, f"{len(wanted)} to be made, none is there" if wanted else "all are made")


def _group_name(one: Planned) -> str:
    return str(one.inputs.get("resourceGroupName") or "")


def _nodes_group(one: Planned) -> str:
    """The group that AKS makes for the nodes: it must not be there either."""
    return str(one.inputs.get("nodeResourceGroup") or "")


def roles(subject: Subject) -> Iterator[Finding]:
    """Names of custom roles are unique in the tenant; assignments to known principals are new."""
    name = "Role names"
    custom = [
        str(one.inputs["roleName"])
        for one in subject.new
        if one.token == "authorization:RoleDefinition" and one.inputs.get("roleName")  # noqa: S105
    ]
    path = f"{subject.subscription}/providers/Microsoft.Authorization/roleDefinitions"
    for role in custom:
        quoted = role.replace("'", "''")
        rows = subject.answers.list(path, ROLES_API, **{"$filter": f"roleName eq '{quoted}'"})
        if rows:
            yield failed(
                name,
                f"a custom role {role} exists ({rows[0].get('id')})",
                "delete it if an earlier deployment left it, or change workload or environment",
            )
        else:
            yield ok(name, f"{role} is free")
    if not custom:
        yield ok(name, "no custom role is to be made")
    yield from _assignments(subject)


def _assignments(subject: Subject) -> Iterator[Finding]:
    """Azure refuses a second assignment of one role to one principal on one scope.

    Only what is there before the deployment can hold one: scopes that are planned are new.
    """
    name = "Role assignments"
    account = subject.answers.sign_in().subscription
    planned = [one.id(account) for one in subject.planned.get()]
    ours = tuple(one.lower() for one in planned if one)
    twice: list[str] = []
    for one in subject.new:
        scope, principal = one.inputs.get("scope"), one.inputs.get("principalId")
        if one.token != "authorization:RoleAssignment" or not (scope and principal):  # noqa: S105
            continue
        if str(scope).lower().startswith(ours):
            continue
        found = subject.answers.list(
            f"{scope}/providers/Microsoft.Authorization/roleAssignments",
            ROLES_API,
            **{"$filter": f"principalId eq '{principal}'"},
        )
        role = str(one.inputs.get("roleDefinitionId")).lower().rpartition("/")[2]
        for row in found:
            same_scope = text(row, "properties", "scope").lower() == str(scope).lower()
            same_role = text(row, "properties", "roleDefinitionId").lower().endswith(role)
            if same_scope and same_role:
                twice.append(f"{one.name} ({row.get('id')})")
    if twice:
        yield failed(
            name,
            f"there already, with other names: {', '.join(twice)}",
            "delete them, so that the program can make and own them",
        )
    else:
        yield ok(name, "none that is to be made is there")
