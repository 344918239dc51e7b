"""Certificates that application routing cannot fetch: what is missing is said, one thing a time."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from simulator.azure.cloud import Cloud
from simulator.azure.namespaces import vault_secrets
from simulator.kubernetes.certificates import warnings
from simulator.store import Resource
from tests.helpers.certificates import PFX, as_pem, elliptic, signed
from tests.simulator.subscription import Subscription

URI = "kubernetes.azure.com/tls-cert-keyvault-uri"
ACCOUNT = "kubernetes.azure.com/tls-cert-service-account"
CERTIFICATE = "https://kv-shop.vault.azure.net/certificates/shop"
CERTIFICATE_USER = "db79e9a7-68ee-4b58-9aeb-b90e7c24fcba"
SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
DRIVER = {"azureKeyvaultSecretsProvider": {"enabled": True}}
ROUTING = {"webAppRouting": {"enabled": True}}


def ingress(uri: str = CERTIFICATE) -> dict[str, Any]:
    metadata = {"name": "shop", "namespace": "shop", "annotations": {URI: uri}}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata}


def gateway(**options: str) -> dict[str, Any]:
    listener = {"name": "shop", "tls": {"options": {URI: CERTIFICATE, **options}}}
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": {"name": "shop", "namespace": "shop"},
        "spec": {"listeners": [listener]},
    }


@pytest.fixture
def vault(azure: Subscription) -> Resource:
    properties = {
        "tenantId": azure.cloud.tenant,
        "sku": {"family": "A", "name": "standard"},
        "enableRbacAuthorization": True,
    }
    made = azure.put("keyvault:Vault", vaultName="kv-shop", properties=properties)
    put_secret(azure, read_pem(), "application/x-pem-file")
    return made


def read_pem() -> str:
    return "".join(part.decode() for part in as_pem(PFX))


def put_secret(azure: Subscription, value: str, content_type: str) -> None:
    properties = {"value": value, "contentType": content_type}
    azure.put("keyvault:Secret", vaultName="kv-shop", secretName="shop", properties=properties)


@pytest.fixture
def cluster(azure: Subscription) -> Resource:
    return azure.cluster(ingressProfile=ROUTING, addonProfiles=DRIVER)


def addon(cluster: Resource) -> str:
    return cluster.outputs["ingressProfile"]["webAppRouting"]["identity"]["objectId"]


def said(cloud: Cloud, cluster: Resource, manifest: dict[str, Any]) -> str:
    found = list(warnings(cloud, cluster, manifest))
    assert len(found) <= 1
    return found[0] if found else ""


def test_the_addon_needs_a_role_on_the_vault(azure, cluster, vault):
    text = said(azure.cloud, cluster, ingress())
    assert 'Status=403 Code="Forbidden"' in text
    assert addon(cluster) in text
    azure.role(vault.id, addon(cluster), CERTIFICATE_USER)
    assert said(azure.cloud, cluster, ingress()) == ""


@pytest.mark.parametrize(
    ("uri", "missing"),
    [
        ("https://kv-other.vault.azure.net/certificates/shop", "the vault kv-other does not exist"),
        ("https://kv-shop.vault.azure.net/certificates/other", "SecretNotFound"),
        ("https://kv-shop.vault.azure.net/keys/shop", "use the id of a certificate"),
        ("https://kv-shop.vault.azure.cn/certificates/shop", "use the id of a certificate"),
    ],
)
def test_a_certificate_that_is_not_there_is_not_fetched(azure, cluster, vault, uri, missing):
    azure.role(vault.id, addon(cluster), CERTIFICATE_USER)
    assert missing in said(azure.cloud, cluster, ingress(uri))


@pytest.mark.parametrize("tail", ["", "/", f"/{'0' * 32}"])
def test_a_certificate_may_be_named_with_its_version(azure, cluster, vault, tail):
    azure.role(vault.id, addon(cluster), CERTIFICATE_USER)
    assert said(azure.cloud, cluster, ingress(CERTIFICATE + tail)) == ""


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({"addonProfiles": DRIVER}, "the application routing add-on is disabled"),
        ({"ingressProfile": ROUTING}, "azureKeyvaultSecretsProvider"),
    ],
)
@pytest.mark.usefixtures("vault")
def test_both_add_ons_have_to_be_on(azure, settings, missing):
    cluster = azure.cluster(**settings)
    assert missing in said(azure.cloud, cluster, ingress())


def test_the_pod_that_reads_has_a_label_of_at_most_63_characters(azure, cluster, vault):
    azure.role(vault.id, addon(cluster), CERTIFICATE_USER)

    def of_ingress(length: int) -> str:
        manifest = ingress()
        manifest["metadata"]["name"] = "i" * (length - len("keyvault-"))
        return said(azure.cloud, cluster, manifest)

    def of_gateway(length: int) -> str:
        manifest = gateway()
        (listener,) = manifest["spec"]["listeners"]
        listener["name"] = "l" * (length - len("kv-gw-cert-shop-"))
        return said(azure.cloud, cluster, manifest)

    assert of_ingress(63) == ""
    assert "the listener has no service account" in of_gateway(63)
    for text in (of_ingress(64), of_gateway(64)):
        assert "of 64 characters; at most 63 are allowed" in text


def test_a_gateways_listener_reads_as_its_service_accounts_identity(azure, vault):
    cluster = azure.cluster(
        ingressProfile=ROUTING, addonProfiles=DRIVER, oidcIssuerProfile={"enabled": True}
    )
    cloud = azure.cloud
    assert "has no service account" in said(cloud, cluster, gateway())

    manifest = gateway(**{ACCOUNT: "reader"})
    assert "has no identity" in said(cloud, cluster, manifest)

    identity = azure.identity("id-reader")
    notes = {"azure.workload.identity/client-id": identity.outputs["clientId"]}
    account = {"metadata": {"name": "reader", "annotations": notes}}
    key = f"{cluster.id}/kubernetes/core/ServiceAccount/shop/reader"
    cloud.store.put(Resource(key, "kubernetes:core/v1:ServiceAccount", account, account))
    assert "is not federated" in said(cloud, cluster, manifest)

    azure.put(
        "managedidentity:FederatedIdentityCredential",
        resourceName="id-reader",
        federatedIdentityCredentialResourceName="reader",
        issuer=cluster.outputs["oidcIssuerProfile"]["issuerURL"],
        subject="system:serviceaccount:shop:reader",
        audiences=["api://AzureADTokenExchange"],
    )
    assert 'Code="Forbidden"' in said(cloud, cluster, manifest)

    azure.role(vault.id, identity.outputs["principalId"], SECRETS_USER)
    assert said(cloud, cluster, manifest) == ""


def test_an_access_policy_lets_read_where_the_vault_has_no_roles(azure, cluster):
    policy = {
        "tenantId": azure.cloud.tenant,
        "objectId": addon(cluster),
        "permissions": {"secrets": ["get"]},
    }
    properties = {
        "tenantId": azure.cloud.tenant,
        "sku": {"family": "A", "name": "standard"},
        "enableRbacAuthorization": False,
    }
    for policies, missing in (([], "Forbidden"), ([policy], "SecretNotFound")):
        given = {**properties, "accessPolicies": policies}
        azure.put("keyvault:Vault", vaultName="kv-shop", properties=given)
        assert missing in said(azure.cloud, cluster, ingress())


def test_a_pfx_in_a_plain_secret_is_copied_as_it_is_and_no_certificate(azure, cluster, vault):
    azure.role(vault.id, addon(cluster), CERTIFICATE_USER)
    put_secret(azure, PFX, "application/x-pkcs12")
    text = said(azure.cloud, cluster, ingress())
    assert "(application/x-pkcs12) is a plain secret" in text
    assert "no certificate and private key as PEM" in text
    assert "502" in text


@pytest.mark.parametrize(
    ("parts", "missing"),
    [
        ("certificate key", ""),
        ("key certificate other", ""),
        ("key", "no certificate and private key"),
        ("certificate", "no certificate and private key"),
        ("key other", "not that of the private key"),
        ("key other certificate", "not that of the private key"),
    ],
)
def test_the_pem_in_a_secret_is_read_as_the_driver_reads_it(azure, cluster, vault, parts, missing):
    azure.role(vault.id, addon(cluster), CERTIFICATE_USER)
    key, certificate = as_pem(PFX)
    other = signed("other", elliptic()).public_bytes(Encoding.PEM)
    files = {"key": key, "certificate": certificate, "other": other}
    value = b"".join(files[part] for part in parts.split())
    put_secret(azure, value.decode(), "application/x-pem-file")
    text = said(azure.cloud, cluster, ingress())
    assert missing in text
    assert bool(text) is bool(missing)


@pytest.mark.parametrize(
    ("content_type", "missing"),
    [
        ("application/x-pkcs12", ""),
        ("application/x-pem-file", ""),
        ("text/plain", "unknown content type 'text/plain'"),
    ],
)
def test_a_certificates_own_secret_is_converted_by_its_content_type(
    azure, cluster, vault, content_type, missing
):
    azure.role(vault.id, addon(cluster), CERTIFICATE_USER)
    vault_secrets.put_certificate(azure.cloud, vault, "shop", content_type)
    text = said(azure.cloud, cluster, ingress())
    assert missing in text
    assert bool(text) is bool(missing)
