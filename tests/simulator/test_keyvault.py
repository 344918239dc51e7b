"""Key vaults, deleted ones included, their firewall, and managed identities."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.azure.namespaces import keyvault
from tests.simulator.landscape import Waf

VAULT, SECRET = keyvault.VAULT, keyvault.SECRET
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
