"""Key vaults, deleted ones included, their firewall, and managed identities."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.azure import identifiers
from simulator.azure.namespaces import keyvault, vault_secrets
from simulator.errors import AzureError
from simulator.store import Resource
from tests.simulator.landscape import Waf
from tests.simulator.subscription import Subscription

VAULT, SECRET = keyvault.VAULT, vault_secrets.SECRET
TENANT = "22222222-2222-4222-8222-222222222222"
CREDENTIAL = "managedidentity:FederatedIdentityCredential"


def vault(name: str = "kv-shop", *, group: str = "rg-test", **properties: Any) -> dict[str, Any]:
    settings = {"tenantId": TENANT, "sku": {"family": "A", "name": "standard"}, **properties}
    return {"vaultName": name, "resourceGroupName": group, "properties": settings}


@pytest.mark.parametrize("name", ["kv", "1vault", "kv--shop", "kv-shop-", "a" * 25, "kv_shop"])
def test_a_vaults_name_is_checked(azure, name):
    assert azure.refused(VAULT, **vault(name)).code == "VaultNameNotValid"


def test_a_vaults_name_is_taken_in_every_group(azure):
    azure.put(VAULT, **vault())
    azure.put("resources:ResourceGroup", resourceGroupName="rg-other")
    error = azure.refused(VAULT, **vault("KV-shop", group="rg-other"))
    assert (error.status, error.code) == (409, "VaultAlreadyExists")


@pytest.mark.parametrize("whole_group", [True, False])
def test_a_deleted_vault_keeps_its_name(azure, whole_group):
    made = azure.put(VAULT, **vault())
    group = azure.cloud.store.of_type("resources:ResourceGroup")[0]
    azure.cloud.delete(group.id if whole_group else made.id)
    azure.put("resources:ResourceGroup")
    error = azure.refused(VAULT, **vault())
    assert (error.status, error.code) == (409, "ConflictError")
    assert azure.put(VAULT, **vault("kv-shop-2"))
    assert azure.put(VAULT, **vault(createMode="recover"))
    assert azure.put(VAULT, **vault())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, {"enableSoftDelete": False}),
        (None, {"softDeleteRetentionInDays": 6}),
        (None, {"softDeleteRetentionInDays": 91}),
        ({"softDeleteRetentionInDays": 30}, {"softDeleteRetentionInDays": 7}),
        (None, {"enablePurgeProtection": False}),
        ({"enablePurgeProtection": True}, {"enablePurgeProtection": False}),
    ],
)
def test_a_vault_stays_recoverable(azure, before, after):
    if before is not None:
        azure.put(VAULT, **vault(**before))
    error = azure.refused(VAULT, **vault(**after))
    assert error.code == "BadRequest"
    assert error.target == f"properties.{next(iter(after))}"


@pytest.mark.parametrize(
    ("value", "accepted"),
    [("203.0.113.7", True), ("20.0.0.0/24", True), ("10.0.0.0/8", False), ("nowhere", False)],
)
def test_the_firewall_takes_public_ranges(azure, value, accepted):
    inputs = vault(networkAcls={"defaultAction": "Deny", "ipRules": [{"value": value}]})
    if accepted:
        assert azure.put(VAULT, **inputs)
    else:
        error = azure.refused(VAULT, **inputs)
        assert error.code == "BadRequest"


@pytest.mark.parametrize("endpoint", [True, False])
def test_a_subnet_that_is_let_in_needs_a_service_endpoint(azure, endpoint):
    azure.network()
    services = [{"service": "Microsoft.KeyVault"}] if endpoint else []
    subnet = azure.subnet("apps", "10.0.0.0/24", serviceEndpoints=services)
    inputs = vault(networkAcls={"virtualNetworkRules": [{"id": subnet.id}]})
    if endpoint:
        assert azure.put(VAULT, **inputs)
    else:
        assert azure.refused(VAULT, **inputs).code == "VirtualNetworkNotValid"


def test_two_policies_for_one_principal_are_refused(azure):
    policy = {"tenantId": TENANT, "objectId": TENANT, "permissions": {"secrets": ["get"]}}
    error = azure.refused(VAULT, **vault(accessPolicies=[policy, policy]))
    assert error.code == "BadRequest"
    assert azure.put(VAULT, **vault(accessPolicies=[policy]))


def test_a_secrets_name_is_checked(azure):
    azure.put(VAULT, **vault())
    error = azure.refused(SECRET, vaultName="kv-shop", secretName="a_b", properties={"value": "v"})
    assert error.code == "BadRequest"


SECRETS_OFFICER = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"
ADMINISTRATOR = "00482a5a-887f-4fb3-b363-3b7fe8e74483"
SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
CLOSED = {"publicNetworkAccess": "disabled", "enableRbacAuthorization": True}
OPEN = {"enableRbacAuthorization": True}


def secret_in(azure: Subscription, **properties: Any) -> tuple[Resource, Resource]:
    made = azure.put(VAULT, **vault(**properties))
    return made, put_secret(azure)


def put_secret(azure: Subscription, name: str = "tls") -> Resource:
    return azure.put(SECRET, vaultName="kv-shop", secretName=name, properties={"value": "v"})


def refused_deletion(azure: Subscription, secret: Resource) -> str:
    """The code; nothing is deleted."""
    with pytest.raises(AzureError) as caught:
        azure.cloud.delete(secret.id)
    assert caught.value.status == 403
    assert azure.cloud.exists(secret.id)
    return caught.value.code


@pytest.mark.parametrize("role", [OWNER, SECRETS_USER, None])
def test_a_secret_is_deleted_by_those_only_who_have_a_role_in_its_vault(azure, role):
    made, secret = secret_in(azure, **OPEN)
    if role:
        azure.role(made.id, identifiers.OPERATOR, role)
    assert refused_deletion(azure, secret) == "ForbiddenByRbac"
    azure.role(made.id, identifiers.OPERATOR, SECRETS_OFFICER)
    azure.cloud.delete(secret.id)
    assert not azure.cloud.exists(secret.id)


@pytest.mark.parametrize("permissions", [[], ["get", "list"], ["delete"]])
def test_a_secret_is_deleted_by_those_only_whom_an_access_policy_permits_it(azure, permissions):
    policy = {
        "tenantId": TENANT,
        "objectId": identifiers.OPERATOR,
        "permissions": {"secrets": permissions},
    }
    _, secret = secret_in(azure, accessPolicies=[policy])
    if "delete" in permissions:
        azure.cloud.delete(secret.id)
        assert not azure.cloud.exists(secret.id)
    else:
        assert refused_deletion(azure, secret) == "ForbiddenByPolicy"


def endpoint(azure: Subscription, made: Resource) -> None:
    azure.network()
    subnet = azure.subnet("endpoints", "10.0.2.0/24")
    connection = {"name": "vault", "privateLinkServiceId": made.id, "groupIds": ["vault"]}
    azure.put(
        "network:PrivateEndpoint",
        privateEndpointName="pep",
        subnet={"id": subnet.id},
        privateLinkServiceConnections=[connection],
    )


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        (CLOSED, "ForbiddenByConnection"),
        (OPEN | {"networkAcls": {"defaultAction": "Deny"}}, "ForbiddenByFirewall"),
    ],
)
def test_a_closed_vault_is_reached_from_inside_by_its_private_endpoint_only(
    azure, monkeypatch, properties, code
):
    made, secret = secret_in(azure, **properties)
    azure.role(made.id, identifiers.OPERATOR, SECRETS_OFFICER)
    assert refused_deletion(azure, secret) == code
    monkeypatch.setenv("AZURE_SIM_VANTAGE", "inside")
    assert refused_deletion(azure, secret) == code
    endpoint(azure, made)
    monkeypatch.delenv("AZURE_SIM_VANTAGE")
    assert refused_deletion(azure, secret) == code
    monkeypatch.setenv("AZURE_SIM_VANTAGE", "inside")
    azure.cloud.delete(secret.id)
    assert not azure.cloud.exists(secret.id)


def test_a_vaults_firewall_lets_in_the_ranges_that_it_lists(azure):
    rules = {"defaultAction": "Deny", "ipRules": [{"value": "20.1.2.3"}]}
    made, secret = secret_in(azure, **OPEN, networkAcls=rules)
    azure.role(made.id, identifiers.OPERATOR, SECRETS_OFFICER)
    azure.cloud.delete(secret.id)
    assert not azure.cloud.exists(secret.id)


def test_a_deleted_secret_keeps_its_name(azure):
    made, secret = secret_in(azure, **OPEN)
    azure.role(made.id, identifiers.OPERATOR, SECRETS_OFFICER)
    azure.cloud.delete(secret.id)
    request = {"vaultName": "kv-shop", "secretName": "tls", "properties": {"value": "v"}}
    error = azure.refused(SECRET, **request)
    assert (error.status, error.code) == (409, "Conflict")
    assert "ObjectIsDeletedButRecoverable" in error.message
    assert put_secret(azure, "tls-2")


def test_a_key_is_deleted_in_its_vault_like_a_secret(azure):
    made = azure.put(VAULT, **vault(enableRbacAuthorization=True))
    request = {"vaultName": "kv-shop", "keyName": "disk", "properties": {"kty": "RSA"}}
    key = azure.put(vault_secrets.KEY, **request)
    azure.role(made.id, identifiers.OPERATOR, SECRETS_OFFICER)
    assert refused_deletion(azure, key) == "ForbiddenByRbac"
    azure.role(made.id, identifiers.OPERATOR, ADMINISTRATOR)
    azure.cloud.delete(key.id)
    assert azure.refused(vault_secrets.KEY, **request).code == "Conflict"


@pytest.mark.parametrize("whole_group", [True, False])
def test_secrets_go_with_their_vault_without_a_role_in_it(azure, whole_group):
    made, secret = secret_in(azure, **CLOSED)
    group = azure.cloud.store.of_type("resources:ResourceGroup")[0]
    azure.cloud.delete(group.id if whole_group else made.id)
    assert not azure.cloud.exists(secret.id)
    assert not azure.cloud.store.of_type(vault_secrets.DELETED)


def credential(name: str = "fic-app", **more: Any) -> dict[str, Any]:
    return {
        "resourceName": "id-aks",
        "federatedIdentityCredentialResourceName": name,
        "issuer": "https://issuer.example.com/",
        "subject": f"system:serviceaccount:shop:{name}",
        "audiences": ["api://AzureADTokenExchange"],
        **more,
    }


@pytest.mark.parametrize("name", ["-id", "id", "a" * 129, "id.aks"])
def test_an_identitys_name_is_checked(azure, name):
    error = azure.refused("managedidentity:UserAssignedIdentity", resourceName=name)
    assert error.code == "BadRequest"


def test_a_credential_has_one_audience(azure):
    azure.identity()
    error = azure.refused(CREDENTIAL, **credential(audiences=["a", "b"]))
    assert error.code == "BadRequest"
    assert azure.put(CREDENTIAL, **credential())


def test_issuer_and_subject_are_given_once(azure):
    azure.identity()
    azure.put(CREDENTIAL, **credential("one", subject="same"))
    error = azure.refused(CREDENTIAL, **credential("two", subject="same"))
    assert error.code == "BadRequest"
    for number in range(19):
        azure.put(CREDENTIAL, **credential(f"fic-{number}"))
    assert "has 20 federated" in azure.refused(CREDENTIAL, **credential("last")).message


def test_an_access_policy_of_its_own_counts_as_one_of_the_vault(azure):
    waf = Waf(azure, rbac=False)
    assert waf.refused().code == "ApplicationGatewayKeyVaultSecretException"
    policy = {
        "objectId": waf.identity.outputs["principalId"],
        "tenantId": azure.cloud.tenant,
        "permissions": {"secrets": ["get"]},
    }
    added = azure.put("keyvault:AccessPolicy", vaultName="kv-test", policy=policy)
    assert added.id == f"{waf.vault.id}/accessPolicy/{policy['objectId']}"
    assert added.outputs["policy"] == policy
    assert waf.put()


def test_a_key_has_its_addresses_and_the_default_size(azure):
    azure.put(VAULT, **vault("kv-test"))
    key = azure.put("keyvault:Key", vaultName="kv-test", keyName="disks", properties={"kty": "RSA"})
    assert key.outputs["keyUri"] == "https://kv-test.vault.azure.net/keys/disks"
    assert key.outputs["keyUriWithVersion"].startswith(f"{key.outputs['keyUri']}/")
    assert (key.outputs["kty"], key.outputs["keySize"]) == ("RSA", 2048)


def test_a_keys_name_is_checked(azure):
    """Rule: a_keys_name_is_plain."""
    azure.put(VAULT, **vault("kv-test"))
    error = azure.refused(
        "keyvault:Key", vaultName="kv-test", keyName="disk_key", properties={"kty": "EC"}
    )
    assert error.code == "BadRequest"
