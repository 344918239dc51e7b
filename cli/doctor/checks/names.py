"""Names that may be taken, and resources that are in the cloud but not in the state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cli.doctor.context import Context
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
REGISTRY_API = "2023-07-01"
"""Microsoft Learn: rest/api/container-registry/registries/check-name-availability."""
NETWORK_API = "2024-05-01"
"""Microsoft Learn: rest/api/virtualnetwork/check-dns-name-availability."""

Taken = tuple[str, str] | None
"""Why a name is taken, and the remedy; None where it is free."""


@dataclass(frozen=True)
class GlobalName:
    """A type whose names are unique in all of Azure."""

    token: str
    what: str
    name: Callable[[Mapping[str, Any]], Any]
    taken: Callable[[Context, str], Taken]


def _vault(context: Context, name: str) -> Taken:
    # A deleted vault keeps its name. This list holds the subscription's own, which it can recover.
    path = f"{context.subscription}/providers/Microsoft.KeyVault"
    for vault in context.azure.list(f"{path}/deletedVaults", VAULT_API):
        if str(vault.get("name", "")).lower() == name.lower():
            reason = "a deleted vault has this name"
            return reason, f"az keyvault recover --name {name}, or purge it"
    body = {"name": name, "type": "Microsoft.KeyVault/vaults"}
    return _availability(context.azure.post(f"{path}/checkNameAvailability", VAULT_API, body))


def _storage(context: Context, name: str) -> Taken:
    path = f"{context.subscription}/providers/Microsoft.Storage/checkNameAvailability"
    body = {"name": name, "type": "Microsoft.Storage/storageAccounts"}
    return _availability(context.azure.post(path, STORAGE_API, body))


def _registry(context: Context, name: str) -> Taken:
    path = f"{context.subscription}/providers/Microsoft.ContainerRegistry/checkNameAvailability"
    body = {"name": name, "type": "Microsoft.ContainerRegistry/registries"}
    return _availability(context.azure.post(path, REGISTRY_API, body))


def _availability(answer: Mapping[str, Any]) -> Taken:
    if answer.get("nameAvailable"):
        return None
    remedy = "change workload or environment, which are part of the name"
    return f"{answer.get('reason')}: {answer.get('message')}", remedy


def _label(context: Context, name: str) -> Taken:
    location = context.settings.location
    provider = f"{context.subscription}/providers/Microsoft.Network"
    path = f"{provider}/locations/{location}/CheckDnsNameAvailability"
    answer = context.azure.get(path, NETWORK_API, domainNameLabel=name)
    return None if answer.get("available") else ("another owner has it", "choose another DNS label")


GLOBAL_NAMES = (
    GlobalName("keyvault:Vault", "key vault", lambda i: i.get("vaultName"), _vault),
    GlobalName(
        "storage:StorageAccount", "storage account", lambda i: i.get("accountName"), _storage
    ),
    GlobalName(
        "containerregistry:Registry",
        "container registry",
        lambda i: i.get("registryName"),
        _registry,
    ),
    GlobalName(
        "network:PublicIPAddress",
        "DNS label",
        lambda i: at(i, "dnsSettings", "domainNameLabel"),
        _label,
    ),
)


def available(context: Context) -> Iterator[Finding]:
    """The global names of the resources to create are free."""
    name = "Global names"
    checked = random = 0
    for resource in context.new:
        for kind in GLOBAL_NAMES:
            if resource.token != kind.token:
                continue
            wanted = kind.name(resource.inputs)
            if not isinstance(wanted, str):
                random += kind.token == "keyvault:Vault"  # noqa: S105 - a type
                continue
            checked += 1
            if taken := kind.taken(context, wanted):
                yield failed(name, f"{kind.what} {wanted}: {taken[0]}", taken[1])
            else:
                yield ok(name, f"{kind.what} {wanted} is free")
    if not checked:
        random_name = "azure-native generates a random name for the key vault"
        yield ok(name, random_name if random else "the stack needs none")


def groups(context: Context) -> Iterator[Finding]:
    """No resource group that the stack would create exists already.

    azure-native refuses to create a resource that exists. Where a group does not exist, nothing in
    it does.
    """
    name, account = "Resource groups", context.azure.sign_in()
    new = context.new
    wanted = {_group_name(item) for item in new if item.token == "resources:ResourceGroup"}  # noqa: S105
    wanted |= {_node_group(item) for item in new}
    wanted.discard("")
    existing: list[str] = []
    for group in sorted(wanted):
        path = f"/subscriptions/{account.subscription}/resourceGroups/{group}"
        if context.azure.find(path, GROUP_API) is not None:
            existing.append(group)
    if existing:
        cloud = "" if context.simulated else " CLOUD=azure"
        yield failed(
            name,
            f"in the subscription, but not in the state of this stack: {', '.join(existing)}",
            f"after an interrupted run: make recover STACK={context.stack}{cloud}; otherwise they "
            "belong to another deployment: change workload or environment",
        )
    else:
        yield ok(name, f"{len(wanted)} to create, none exists" if wanted else "all are created")


def _group_name(item: Planned) -> str:
    return str(item.inputs.get("resourceGroupName") or "")


def _node_group(item: Planned) -> str:
    """The group that AKS creates for the nodes, which must not exist either."""
    return str(item.inputs.get("nodeResourceGroup") or "")


def roles(context: Context) -> Iterator[Finding]:
    """The names of custom roles are free in the tenant, and no role assignment exists already."""
    name = "Role names"
    custom = [
        str(item.inputs["roleName"])
        for item in context.new
        if item.token == "authorization:RoleDefinition" and item.inputs.get("roleName")  # noqa: S105
    ]
    path = f"{context.subscription}/providers/Microsoft.Authorization/roleDefinitions"
    for role in custom:
        quoted = role.replace("'", "''")
        rows = context.azure.list(path, ROLES_API, **{"$filter": f"roleName eq '{quoted}'"})
        if rows:
            yield failed(
                name,
                f"a custom role {role} exists ({rows[0].get('id')})",
                "delete it if an earlier deployment left it, or change workload or environment",
            )
        else:
            yield ok(name, f"{role} is free")
    if not custom:
        yield ok(name, "the stack creates no custom role")
    yield from _assignments(context)


def _assignments(context: Context) -> Iterator[Finding]:
    """No assignment of the same role to the same principal on the same scope exists.

    Azure refuses a second one. Only a scope that exists before the deployment can have one.
    """
    name = "Role assignments"
    account = context.azure.sign_in().subscription
    planned = [item.id(account) for item in context.planned.get()]
    own = tuple(resource_id.lower() for resource_id in planned if resource_id)
    duplicates: list[str] = []
    for item in context.new:
        scope, principal = item.inputs.get("scope"), item.inputs.get("principalId")
        if item.token != "authorization:RoleAssignment" or not (scope and principal):  # noqa: S105
            continue
        if str(scope).lower().startswith(own):
            continue
        found = context.azure.list(
            f"{scope}/providers/Microsoft.Authorization/roleAssignments",
            ROLES_API,
            **{"$filter": f"principalId eq '{principal}'"},
        )
        role = str(item.inputs.get("roleDefinitionId")).lower().rpartition("/")[2]
        for row in found:
            same_scope = text(row, "properties", "scope").lower() == str(scope).lower()
            same_role = text(row, "properties", "roleDefinitionId").lower().endswith(role)
            if same_scope and same_role:
                duplicates.append(f"{item.name} ({row.get('id')})")
    if duplicates:
        yield failed(
            name,
            f"these exist already, with other names: {', '.join(duplicates)}",
            "delete them, so that the program can create and own them",
        )
    else:
        yield ok(name, "none of those to create exists")
