"""Certificates: from which vault, by which role, and in which form for whom."""

from __future__ import annotations

from typing import Any

import pytest

from cli.simulated.fixture import load_fixture
from components.azure.roles import Role
from components.settings.pfx import read_pfx
from simulator.azure.certificate_files import tls_secret_problem
from simulator.azure.cloud import Cloud
from simulator.azure.namespaces import keyvault, vault_secrets
from tests.components.ingress.recordings import (
    INGRESS,
    KEY_VAULT_URI,
    deployed,
    example,
    nested,
    objects,
    one,
    roles_and_scopes,
    run,
)
from tests.helpers.certificates import PFX, elliptic, packed, signed
from tests.helpers.mocks import Recording
from tests.helpers.stacks import ROOT, configuration_of, run_program

CERTIFICATE_ID = "https://kv-certificates.vault.azure.net/certificates/myapp-com"
SHARED = "https://kv-certificates.vault.azure.net/secrets/myapp-com"


def test_the_gateway_and_the_addon_get_roles_on_an_existing_vault():
    made = deployed("waf-rules")
    theirs = {
        (r.name, r.inputs["roleDefinitionId"].rsplit("/", 1)[-1])
        for r in made.of_type("authorization:RoleAssignment")
        if r.inputs["scope"].endswith("/vaults/kv-certificates")
    }
    assert theirs == {
        ("waf-vault", Role.KEY_VAULT_SECRETS_USER),
        ("gateway-certificate-vault-kv-certificates", Role.KEY_VAULT_SECRETS_USER),
    }
    gateway = made.one("network:ApplicationGateway")
    (certificate,) = gateway.inputs["sslCertificates"]
    assert certificate["keyVaultSecretId"].startswith("https://kv-certificates.vault.azure.net/")
    vault_role = made.one("authorization:RoleAssignment", "waf-vault")
    assert vault_role.urn in gateway.dependencies
    assert not made.of_type("keyvault:Secret")


def values(recording: Recording) -> dict[str, tuple[str, str]]:
    """The content type and the value of each secret of the stack's vault, by its name."""
    found = {recording.made(r).name: r.inputs for r in recording.of_type("keyvault:Secret")}
    return {
        name: (inputs["properties"]["contentType"], inputs["properties"]["value"])
        for name, inputs in found.items()
    }


def secret_of(uri: str) -> str:
    return uri.rpartition("/secrets/")[2]


@pytest.mark.parametrize("implementation", ["nginx", "gateway-api"])
def test_gateway_and_addon_read_the_same_certificate_each_in_its_form(implementation: str):
    config = configuration_of("dev")
    config[INGRESS]["appRouting"] = {"implementation": implementation}
    made = run_program(config)
    (certificate,) = made.one("network:ApplicationGateway").inputs["sslCertificates"]
    content, value = values(made)[secret_of(certificate["keyVaultSecretId"])]
    assert (content, value) == ("application/x-pkcs12", PFX)
    kind = "Gateway" if implementation == "gateway-api" else "Ingress"
    (uri,) = nested(one(made, kind).inputs, KEY_VAULT_URI)
    content, value = values(made)[secret_of(uri)]
    assert content == "application/x-pem-file"
    assert tls_secret_problem(value) is None


def test_only_what_reads_the_certificate_as_pem_gets_it():
    assert list(values(deployed("haproxy"))) == ["waf-certificate"]
    assert list(values(deployed("agic"))) == ["waf-certificate"]
    config = configuration_of("dev")
    config["aks-network:kubernetes"]["applications"][0]["tls"] = {"secretName": "tls"}
    assert list(values(run_program(config))) == ["waf-certificate"]


def test_the_gateway_trusts_what_the_controller_serves_and_nobody_else_knows():
    made = run_program(configuration_of("dev")).one("network:ApplicationGateway").inputs
    (root,) = made["trustedRootCertificates"]
    assert root["data"] == read_pfx(PFX).roots[0]
    (settings,) = made["backendHttpSettingsCollection"]
    (trusted,) = settings["trustedRootCertificates"]
    assert trusted["id"].endswith(f"/trustedRootCertificates/{root['name']}")


def test_a_publicly_issued_certificate_is_trusted_without_an_authority_of_its_own():
    root, key = elliptic(), elliptic()
    leaf = signed("myapp.com", key, "Authority", root, hosts=("myapp.com",))
    config = configuration_of("dev")
    config[INGRESS]["waf"]["certificate"] = {"pfx": packed(key, leaf)}
    made = run_program(config).one("network:ApplicationGateway").inputs
    assert "trustedRootCertificates" not in made
    (settings,) = made["backendHttpSettingsCollection"]
    assert "trustedRootCertificates" not in settings


def two_applications(**tls: Any) -> Recording:
    """The example `waf-rules`, with a second application that has a certificate of its own."""
    config = example("waf-rules")
    second = {
        "name": "partners",
        "host": "partners.myapp.com",
        "tls": tls,
        "services": [{"name": "web", "app": "web", "path": "/"}],
    }
    config["aks-network:kubernetes"]["applications"].append(second)
    cloud = Cloud()
    load_fixture(cloud, ROOT / "examples" / "waf-rules.cloud.yaml")
    vault = keyvault.find_vault(cloud, "kv-certificates")
    assert vault is not None
    vault_secrets.put_certificate(cloud, vault, "myapp-com-partners", "application/x-pkcs12")
    return run_program(config, cloud=cloud)


def served(recording: Recording) -> dict[str, str]:
    """The Key Vault id of the certificate of each HTTPS listener, by its host."""
    gateway = recording.one("network:ApplicationGateway").inputs
    ids = {item["name"]: item["keyVaultSecretId"] for item in gateway["sslCertificates"]}
    return {
        listener["hostName"]: ids[listener["sslCertificate"]["id"].rpartition("/")[2]]
        for listener in gateway["httpListeners"]
        if listener["protocol"] == "Https"
    }


def test_each_host_is_served_with_its_applications_own_certificate():
    made = two_applications(certificateId=f"{CERTIFICATE_ID}-partners")
    assert served(made) == {"myapp.com": SHARED, "partners.myapp.com": f"{SHARED}-partners"}


def test_a_kubernetes_secret_is_out_of_the_gateways_reach():
    assert set(served(two_applications(secretName="tls")).values()) == {SHARED}


def vault_roles(recording: Recording) -> dict[str, str]:
    """The vaults on which the gateway's identity has a role, by the assignment."""
    found = recording.of_type("authorization:RoleAssignment")
    return {
        r.name: r.inputs["scope"].rpartition("/")[2]
        for r in found
        if r.name.startswith("waf-") and "/vaults/" in r.inputs["scope"]
    }


def test_the_gateway_gets_a_role_on_every_vault_that_it_reads_and_once_on_each():
    certificates = "/resourceGroups/rg-certificates/providers/Microsoft.KeyVault/vaults/"
    subscription = "/subscriptions/11111111-1111-4111-8111-111111111111"
    same = two_applications(
        certificateId=CERTIFICATE_ID, vaultId=f"{subscription}{certificates}kv-certificates"
    )
    assert vault_roles(same) == {"waf-vault": "kv-certificates"}
    assert set(served(same).values()) == {SHARED}


def test_the_gateway_gets_a_role_on_another_vault_that_an_application_names():
    vaults = "/resourceGroups/rg-others/providers/Microsoft.KeyVault/vaults/"
    subscription = "/subscriptions/11111111-1111-4111-8111-111111111111"
    config = example("waf-rules")
    tls = {
        "certificateId": "https://kv-others.vault.azure.net/certificates/partners",
        "vaultId": f"{subscription}{vaults}kv-others",
    }
    config["aks-network:kubernetes"]["applications"][0]["tls"] = tls
    cloud = Cloud()
    load_fixture(cloud, ROOT / "examples" / "waf-rules.cloud.yaml")
    cloud.put(
        "resources:ResourceGroup", {"resourceGroupName": "rg-others", "location": "westeurope"}
    )
    properties = {
        "tenantId": cloud.tenant,
        "sku": {"family": "A", "name": "standard"},
        "enableRbacAuthorization": True,
    }
    names = {"resourceGroupName": "rg-others", "vaultName": "kv-others"}
    vault = cloud.put(
        "keyvault:Vault", {**names, "location": "westeurope", "properties": properties}
    )
    vault_secrets.put_certificate(cloud, vault, "partners", "application/x-pkcs12")
    made = run_program(config, cloud=cloud)
    assert vault_roles(made) == {
        "waf-vault": "kv-certificates",
        "waf-certificate-vault-kv-others": "kv-others",
    }
    gateway = made.one("network:ApplicationGateway")
    role = made.one("authorization:RoleAssignment", "waf-certificate-vault-kv-others")
    assert role.urn in gateway.dependencies


def with_certificate(implementation: str, **tls: Any) -> Recording:
    """The example `kv-certificate` so implemented, with the first application's `tls` changed."""
    config = example("kv-certificate")
    config["aks-network:ingress"]["appRouting"] = {"implementation": implementation}
    if tls:
        config["aks-network:kubernetes"]["applications"][0]["tls"] = tls
    return run("kv-certificate", config)


def test_without_a_gateway_the_addon_fetches_an_applications_certificate_from_its_vault():
    made = with_certificate("nginx")
    ingress = one(made, "Ingress", "myapp-ingress").inputs
    assert ingress["metadata"]["annotations"][KEY_VAULT_URI] == CERTIFICATE_ID
    secret = "keyvault-myapp-ingress"
    assert ingress["spec"]["tls"] == [{"hosts": ["myapp.com"], "secretName": secret}]
    other = one(made, "Ingress", "partners-ingress").inputs
    assert KEY_VAULT_URI not in other["metadata"].get("annotations", {})
    assert other["spec"]["tls"][0]["secretName"] == "partners-tls"


def test_the_addon_may_read_certificates_of_a_vault_in_another_subscription_before_it_has_to():
    made = with_certificate("nginx")
    (granted,) = [
        r
        for r in made.of_type("authorization:RoleAssignment")
        if r.inputs["scope"].endswith("/vaults/kv-certificates")
    ]
    definition = granted.inputs["roleDefinitionId"]
    assert definition.startswith("/subscriptions/33333333-")
    assert definition.endswith(Role.KEY_VAULT_CERTIFICATE_USER)
    cluster = made.one("containerservice:ManagedCluster")
    assert cluster.urn in made.waits_for(granted)
    for kind in ("NginxIngressController", "Ingress"):
        assert all(granted.urn in made.waits_for(r) for r in objects(made, kind)), kind


def test_a_certificate_in_the_stacks_own_vault_is_named_and_no_other_vault_is_opened():
    made = with_certificate("nginx", certificateName="myapp-com")
    vault = made.one("keyvault:Vault")
    annotations = one(made, "Ingress", "myapp-ingress").inputs["metadata"]["annotations"]
    uri = annotations[KEY_VAULT_URI]
    name = made.cloud.store.of_type("keyvault:Vault")
    own = {item.name for item in name} - {"kv-certificates"}
    assert uri in {f"https://{one_}.vault.azure.net/certificates/myapp-com" for one_ in own}
    roles_on_vaults = [
        r.inputs["scope"].rsplit("/", 1)[-1]
        for r in made.of_type("authorization:RoleAssignment")
        if "/vaults/" in r.inputs["scope"]
    ]
    assert set(roles_on_vaults) == own
    assert vault.urn in made.waits_for(one(made, "Ingress", "myapp-ingress"))


def test_a_listener_of_the_gateway_api_takes_its_certificate_from_a_vault():
    made = with_certificate("gateway-api")
    listeners = {
        item.get("hostname"): item for item in one(made, "Gateway").inputs["spec"]["listeners"]
    }
    account = one(made, "ServiceAccount").inputs["metadata"]["name"]
    assert listeners["myapp.com"]["tls"] == {
        "mode": "Terminate",
        "options": {
            KEY_VAULT_URI: CERTIFICATE_ID,
            "kubernetes.azure.com/tls-cert-service-account": account,
        },
    }
    (reference,) = listeners["partners.myapp.com"]["tls"]["certificateRefs"]
    assert reference["name"] == "partners-tls"
    grants = {r.inputs["metadata"]["namespace"] for r in objects(made, "ReferenceGrant")}
    assert grants == {"partners"}
    found = {
        scope: role for role, scope in roles_and_scopes(made, "gateway-") if "/vaults/" in scope
    }
    (scope,) = found
    assert scope.endswith("/vaults/kv-certificates")
    assert found[scope] == Role.KEY_VAULT_SECRETS_USER
