"""The certificate of a stack's vault: read by gateway and controller, renewed, and left behind."""

from __future__ import annotations

from datetime import timedelta

import yaml

from cli.operator_values import CERTIFICATE
from cli.self_signed import make_certificate
from simulator.azure.namespaces.vault_secrets import SECRET
from support.repository import ROOT
from tests.engine.conftest import Deploy
from tests.engine.harness import Deployment
from tests.helpers.certificates import elliptic, packed, signed

INGRESS, KUBERNETES = "aks-network:ingress", "aks-network:kubernetes"
PROBLEMS = ("cannot be read", "clients refuse")


def secrets_of(deployment: Deployment) -> dict[str, str]:
    """The values of the vault's secrets, by their names."""
    found = (item for item in deployment.resources() if item.token == SECRET)
    return {item.name: item.inputs["properties"]["value"] for item in found}


def gateways_secret(deployment: Deployment) -> str:
    (gateway,) = (
        item for item in deployment.resources() if item.token == "network:ApplicationGateway"
    )
    (certificate,) = gateway.inputs["sslCertificates"]
    return certificate["keyVaultSecretId"].rpartition("/")[2]


def said(text: str) -> list[str]:
    return [problem for problem in PROBLEMS if problem in text]


def set_certificate(deployment: Deployment, pfx: str) -> None:
    arguments = ("--secret", "--path", CERTIFICATE.path, pfx)
    answer = deployment.run("config set", *arguments)
    assert answer.status == 0, answer.text


def test_a_stack_begins_with_a_self_signed_certificate_and_renews_it_without_touching_the_gateway(
    deploy: Deploy,
):
    config = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())["config"]
    deployment = deploy("dev", config)
    first = make_certificate(["myapp.com"], timedelta(days=90))
    set_certificate(deployment, first)
    assert said(deployment.up().text) == []
    assert sorted(name.rpartition("-")[0] for name in secrets_of(deployment)) == [
        "waf-certificate",
        "waf-certificate-pem",
    ]
    assert secrets_of(deployment)[gateways_secret(deployment)] == first
    deployment.expect_no_changes()
    deployment.expect_no_drift()

    authority, key = elliptic(), elliptic()
    leaf = signed("myapp.com", key, "Authority", authority, hosts=("myapp.com",))
    issued = packed(key, leaf)
    names = set(secrets_of(deployment))
    set_certificate(deployment, issued)
    changed = {step["urn"].rpartition("::")[2]: step["op"] for step in deployment.steps()}
    # The gateway no longer trusts the self-signed certificate.
    assert changed == {
        "waf-certificate": "update",
        "waf-certificate-pem": "update",
        "waf-agw": "update",
    }
    assert said(deployment.up().text) == []
    assert set(secrets_of(deployment)) == names
    assert secrets_of(deployment)[gateways_secret(deployment)] == issued
    deployment.expect_no_changes()


def test_a_certificate_that_is_no_longer_needed_stays_in_the_closed_vault(deploy: Deploy):
    config = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())["config"]
    deployment = deploy("dev", config)
    deployment.up()
    before = secrets_of(deployment)

    # Without the firewall, nothing asks the vault, which would refuse.
    own = config[KUBERNETES]["applications"][0] | {"tls": {"secretName": "tls"}}
    alone = {**config[KUBERNETES], "applications": [own]}
    deployment.change({INGRESS: {**config[INGRESS], "waf": "none"}, KUBERNETES: alone})
    deployment.up()
    assert secrets_of(deployment) == before
    deployment.expect_no_changes()

    # The firewall comes back, and its certificate under another name.
    deployment.change({INGRESS: config[INGRESS], KUBERNETES: config[KUBERNETES]})
    assert said(deployment.up().text) == []
    assert len(secrets_of(deployment)) == 2 * len(before)
    assert gateways_secret(deployment) not in before

    deployment.destroy()
    assert deployment.resources() == []
