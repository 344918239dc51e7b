"""The check of certificates in key vaults."""

from __future__ import annotations

from typing import Any

import pytest

from cli.doctor.checks import certificates
from cli.doctor.client import Client, Response
from cli.doctor.findings import Result
from simulator.azure import identifiers
from simulator.azure.cloud import Cloud
from simulator.store import MemoryStore
from tests.cli.doctor.contexts import all_ok, context, worst

PFX, PEM = certificates.PFX, certificates.PEM
OF_GATEWAY = "ingress.waf.certificate.secretId"
OF_APPLICATION = "kubernetes.applications[0].tls.certificateId"


def _versions(*versions: dict[str, Any]) -> dict[str, Response | Exception]:
    items = [
        {
            "id": f"https://kv-certificates.vault.azure.net/secrets/myapp-com/{number:032x}",
            "attributes": {"enabled": True, "created": number},
            **version,
        }
        for number, version in enumerate(versions)
    ]
    return {"/secrets/myapp-com/versions": Response(200, {"value": items})}


def _gateway_alone(config: dict[str, Any]) -> None:
    """A chart's controller has certificates of its own, so that only the gateway reads this one."""
    config["aks-network:ingress"]["controller"] = "traefik"
    application = config["aks-network:kubernetes"]["applications"][0]
    application["tls"] = {"secretName": "myapp-tls"}


def _addon_alone(config: dict[str, Any]) -> None:
    del config


CERTIFICATE_PFX, CERTIFICATE_PEM = (
    {"managed": True, "contentType": content} for content in (PFX, PEM)
)
PLAIN_PFX, PLAIN_PEM, PLAIN = {"contentType": PFX}, {"contentType": PEM}, {}
BOTH = ("waf-rules", _addon_alone)
GATEWAY = ("waf-rules", _gateway_alone)
ADDON = ("kv-certificate", _addon_alone)


@pytest.mark.parametrize(
    ("readers", "version", "result"),
    [
        (BOTH, CERTIFICATE_PFX, Result.OK),
        (BOTH, CERTIFICATE_PEM, Result.FAILED),
        (BOTH, PLAIN_PFX, Result.FAILED),
        (BOTH, PLAIN_PEM, Result.FAILED),
        (BOTH, PLAIN, Result.FAILED),
        (GATEWAY, CERTIFICATE_PFX, Result.OK),
        (GATEWAY, CERTIFICATE_PEM, Result.FAILED),
        (GATEWAY, PLAIN_PFX, Result.OK),
        (GATEWAY, PLAIN_PEM, Result.FAILED),
        (GATEWAY, PLAIN, Result.WARNING),
        (ADDON, CERTIFICATE_PFX, Result.OK),
        (ADDON, CERTIFICATE_PEM, Result.OK),
        (ADDON, PLAIN_PFX, Result.FAILED),
        (ADDON, PLAIN_PEM, Result.OK),
        (ADDON, PLAIN, Result.WARNING),
    ],
)
def test_each_reader_needs_a_form_that_it_can_read(
    readers: tuple[str, Any], version: dict[str, Any], result: Result
):
    stack, edit = readers
    about = context(stack, edit=edit, answers=_versions(version))
    (found,) = certificates.certificates(about)
    assert found.result == result
    assert found.title == (OF_APPLICATION if readers == ADDON else OF_GATEWAY)
    assert bool(found.remedy) is (result != Result.OK)


def test_the_newest_version_counts_unless_the_id_names_one():
    answers = _versions(PLAIN_PFX, CERTIFICATE_PFX)
    all_ok(certificates.certificates, context("waf-rules", answers=answers))

    def older(config: dict[str, Any]) -> None:
        certificate = config["aks-network:ingress"]["waf"]["certificate"]
        certificate["secretId"] += f"/{0:032x}"

    about = context("waf-rules", answers=answers, edit=older)
    assert "plain secret" in worst(certificates.certificates, about).detail


def test_a_disabled_certificate_fails():
    disabled = {**CERTIFICATE_PFX, "attributes": {"enabled": False}}
    about = context("waf-rules", answers=_versions(disabled))
    assert "disabled" in worst(certificates.certificates, about).detail


@pytest.mark.parametrize("missing", [Response(404), Response(200, {"value": []})])
def test_a_certificate_that_is_not_there_fails(missing: Response):
    about = context("waf-rules", answers={"/secrets/myapp-com/versions": missing})
    found = worst(certificates.certificates, about)
    assert found.result == Result.FAILED
    assert "az keyvault certificate import" in found.remedy


def test_a_vault_that_may_not_be_read_is_not_checked():
    error = {"code": "Forbidden", "innererror": {"code": "ForbiddenByConnection"}}
    answer = {"/secrets/myapp-com/versions": Response(403, {"error": error})}
    (found,) = certificates.certificates(context("waf-rules", answers=answer))
    assert found.result == Result.UNCHECKED
    assert "ForbiddenByConnection" in found.detail
    assert "Key Vault Reader" in found.remedy


def test_a_stack_that_names_no_certificate_of_others_is_well():
    assert "name none" in all_ok(certificates.certificates, context("dev"))


@pytest.mark.parametrize(
    "host",
    [
        "https://kv.vault.azure.net.example.com",
        "https://kv.vault.azure.net/",
        "http://kv.vault.azure.net",
        "https://vault.azure.net",
        "",
    ],
)
def test_a_token_for_key_vaults_goes_to_key_vaults_only(host: str):
    with pytest.raises(ValueError, match="not a key vault"):
        Client(context().azure.transport).secret_versions(host, "myapp-com")


# ------------------------------------------------------------ the simulated key vault


def _store(*, role: bool, access: str = "Enabled") -> MemoryStore:
    """A simulated cloud with the vault of the example, and a plain secret of the same name."""
    store = MemoryStore()
    owner = Cloud(store)
    group = {"resourceGroupName": "rg-certificates", "location": "westeurope"}
    owner.put("resources:ResourceGroup", group)
    vault = owner.put(
        "keyvault:Vault",
        {
            **group,
            "vaultName": "kv-certificates",
            "properties": {
                "tenantId": owner.tenant,
                "sku": {"family": "A", "name": "standard"},
                "enableRbacAuthorization": True,
                "publicNetworkAccess": access,
            },
        },
    )
    if role:
        reader = "21090545-7ca7-4776-b22c-e363652d74d2"
        owner.put(
            "authorization:RoleAssignment",
            {
                "scope": vault.id,
                "roleAssignmentName": identifiers.guid("reader"),
                "principalId": identifiers.OPERATOR,
                "principalType": "User",
                "roleDefinitionId": f"/subscriptions/{owner.subscription}/providers"
                f"/Microsoft.Authorization/roleDefinitions/{reader}",
            },
        )
    return store


def test_the_simulated_vault_lists_the_secret_of_a_certificate():
    text = all_ok(certificates.certificates, context("waf-rules", store=_store(role=True)))
    assert "myapp-com is a certificate that Application Gateway and application routing" in text


@pytest.mark.parametrize(
    ("role", "access", "code"),
    [(False, "Enabled", "ForbiddenByRbac"), (True, "Disabled", "ForbiddenByConnection")],
)
def test_the_simulated_vault_refuses_whom_azures_does(*, role: bool, access: str, code: str):
    about = context("waf-rules", store=_store(role=role, access=access))
    (found,) = certificates.certificates(about)
    assert found.result == Result.UNCHECKED
    assert code in found.detail
