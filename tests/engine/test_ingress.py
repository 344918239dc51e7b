"""Ingress controllers that others write to, or switch on, behind the program's back."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from analysis.reachability import compute
from analysis.reachability.endpoints import Kind
from analysis.reachability.snapshot import differences, snapshot_of
from simulator.azure.cloud import Cloud
from simulator.azure.namespaces import vault_secrets
from simulator.store import JournalStore, Resource
from support.repository import ROOT
from tests.analysis.reachability.states import matrix_of, passes
from tests.engine.harness import Deployment

Deploy = Callable[..., Deployment]
DeployFile = Callable[[Path], Deployment]


def cloud_of(deployment: Deployment) -> Cloud:
    return Cloud(JournalStore(deployment.cloud.state))


def only(deployment: Deployment, token: str) -> Resource:
    (found,) = cloud_of(deployment).store.of_type(token)
    return found


def names(gateway: Resource, collection: str) -> set[str]:
    return {part["name"] for part in gateway.inputs.get(collection, [])}


def as_agic_writes(gateway: Resource) -> dict[str, Any]:
    """The gateway as AGIC leaves it: its own sub-objects in place of the first ones, its tags."""
    inputs = copy.deepcopy(gateway.inputs)

    def part(collection: str) -> dict[str, Any]:
        return {"id": f"{gateway.id}/{collection}/{NAMES[collection]}"}

    frontend = {"id": f"{gateway.id}/frontendIPConfigurations/public"}
    inputs |= {
        "frontendPorts": [{"name": NAMES["frontendPorts"], "port": 443}],
        "backendAddressPools": [
            {
                "name": NAMES["backendAddressPools"],
                "backendAddresses": [{"ipAddress": "10.200.0.7"}],
            }
        ],
        "probes": [
            {
                "name": NAMES["probes"],
                "protocol": "Http",
                "host": "myapp.com",
                "path": "/blog",
                "interval": 30,
                "timeout": 30,
                "unhealthyThreshold": 3,
            }
        ],
        "backendHttpSettingsCollection": [
            {
                "name": NAMES["backendHttpSettingsCollection"],
                "port": 8080,
                "protocol": "Http",
                "cookieBasedAffinity": "Disabled",
                "requestTimeout": 30,
                "probe": part("probes"),
            }
        ],
        "httpListeners": [
            {
                "name": NAMES["httpListeners"],
                "protocol": "Https",
                "hostName": "myapp.com",
                "frontendIPConfiguration": frontend,
                "frontendPort": part("frontendPorts"),
                "sslCertificate": {"id": f"{gateway.id}/sslCertificates/listener"},
            }
        ],
        "requestRoutingRules": [
            {
                "name": NAMES["requestRoutingRules"],
                "ruleType": "Basic",
                "priority": 19000,
                "httpListener": part("httpListeners"),
                "backendAddressPool": part("backendAddressPools"),
                "backendHttpSettings": part("backendHttpSettingsCollection"),
            }
        ],
        "tags": {**inputs["tags"], "managed-by-k8s-ingress": "1.9.5"},
    }
    return inputs


NAMES = {
    "frontendPorts": "fp-443",
    "backendAddressPools": "pool-myapp-blogservice-80-bp-8080",
    "probes": "pb-myapp-blogservice-80-myapp-ingress",
    "backendHttpSettingsCollection": "bp-myapp-blogservice-80-8080-myapp-ingress",
    "httpListeners": "fl-e1903c8aa3446b7b3207aec6d6ecba8a",
    "requestRoutingRules": "rr-e1903c8aa3446b7b3207aec6d6ecba8a",
}
"""AGIC's own names, by collection."""


def test_what_agic_wrote_outlives_an_update_of_the_gateway(deploy_file: DeployFile):
    deployment = deploy_file(ROOT / "examples" / "agic.yaml")
    deployment.up()
    gateway = only(deployment, "network:ApplicationGateway")
    assert names(gateway, "httpListeners") == {"placeholder"}
    cloud_of(deployment).put(gateway.token, as_agic_writes(gateway))

    deployment.change({"aks-network:tags": {"owner": "platform"}})
    deployment.up("--refresh")

    after = only(deployment, "network:ApplicationGateway")
    assert after.inputs["tags"]["owner"] == "platform"
    assert after.inputs["tags"]["managed-by-k8s-ingress"] == "1.9.5"
    for collection, name in NAMES.items():
        assert names(after, collection) == {name}, collection
    deployment.expect_no_changes()


def test_the_gateway_api_is_used_in_the_run_that_creates_the_cluster(deploy_file: DeployFile):
    deployment = deploy_file(ROOT / "examples" / "internal-class.yaml")
    assert "cannot be read" not in deployment.up().text
    gateways = cloud_of(deployment).store.of_type("kubernetes:gateway.networking.k8s.io/v1:Gateway")
    conditions = [item.outputs["status"]["conditions"][0] for item in gateways]
    assert conditions == [{"type": "Programmed", "status": "True"}] * 2
    deployment.expect_no_changes()
    found = snapshot_of(compute(deployment.state()))
    assert differences(snapshot_of(matrix_of("internal-class")), found) == []


def moved(**routing: Any) -> dict[str, Any]:
    """The ingress settings of `dev` with these of application routing."""
    config = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())["config"]
    return {**config["aks-network:ingress"], "appRouting": routing}


def served(deployment: Deployment) -> dict[str, str]:
    """How the Internet reaches the application, and which controllers the firewall can reach."""
    matrix = compute(deployment.state())
    found = {"Internet": passes(matrix, "Internet", "myapp/frontend")}
    for item in matrix.of_kind(Kind.CONTROLLER):
        found[item.name] = passes(matrix, "Application Gateway", item.name)
    return found


BY_FIREWALL = "tcp 443 through Application Gateway with WAF"
OF_NGINX = {"NginxIngressController", "Ingress"}
NGINX, GATEWAY = "ingress controller publicingress", "ingress controller applications"


def test_a_stack_moves_from_nginx_to_the_gateway_api_without_an_outage(deploy: Deploy):
    deployment = deploy("dev", {"aks-network:ingress": moved(implementation="nginx")})
    deployment.up()
    alone = served(deployment)
    assert alone["Internet"] == f"{BY_FIREWALL}, ingress controller"

    for state, controller in (
        (moved(implementation="nginx", sideBySide=True), NGINX),
        (moved(implementation="gateway-api", sideBySide=True), GATEWAY),
    ):
        deployment.change({"aks-network:ingress": state})
        said = deployment.up().text
        assert "fail" not in said
        assert "external-dns" not in said
        found = served(deployment)
        assert found["Internet"] == f"{BY_FIREWALL}, {controller}"
        assert {NGINX, GATEWAY} <= set(found)
        # Both answer at their addresses.
        assert found[NGINX] == found[GATEWAY] == "tcp 80, 443"

    deployment.change({"aks-network:ingress": moved(implementation="gateway-api")})
    deployment.up()
    assert served(deployment)["Internet"] == f"{BY_FIREWALL}, ingress controller"
    assert not {item.token.rsplit(":", 1)[-1] for item in deployment.resources()} & OF_NGINX
    deployment.expect_no_changes()


def test_a_certificate_that_is_not_in_the_vault_yet_is_warned_about_until_it_is(
    deploy_file: DeployFile,
):
    example = ROOT / "examples" / "kv-certificate.yaml"
    deployment = deploy_file(example)
    settings = yaml.safe_load(example.read_text())["config"]["aks-network:kubernetes"]
    settings["applications"][0]["tls"] = {"certificateName": "shop"}
    deployment.change({"aks-network:kubernetes": settings})
    assert 'Code="SecretNotFound"' in deployment.up().text

    cloud = cloud_of(deployment)
    vaults = cloud.store.of_type("keyvault:Vault")
    (own,) = [item for item in vaults if item.name != "kv-certificates"]
    vault_secrets.put_certificate(cloud, own, "shop", "application/x-pkcs12")
    settings["applications"][0]["services"][0]["path"] = "/news"
    deployment.change({"aks-network:kubernetes": settings})
    assert "cannot be read" not in deployment.up().text
