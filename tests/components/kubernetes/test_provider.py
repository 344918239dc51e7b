"""The kubeconfig on its way to the provider: signs in without a person, and holds no secret."""

import json
from typing import Any

import pytest
import yaml

from components.kubernetes.provider import with_login
from tests.helpers.stacks import configuration_of, recorded, recorded_example, run_program

AKS_ARGUMENTS = [
    "get-token",
    "--environment",
    "AzurePublicCloud",
    "--server-id",
    "server",
    "--client-id",
    "the-client-for-people",
    "--tenant-id",
    "tenant",
    "--login",
    "devicecode",
]


def kubeconfig(command: str = "kubelogin", args: list[str] | None = AKS_ARGUMENTS) -> str:
    call = {"command": command, "args": args, "env": None, "provideClusterInfo": False}
    return json.dumps({"users": [{"name": "user", "user": {"exec": call}}]})


def call_of(text: str) -> dict[str, Any]:
    return yaml.safe_load(text)["users"][0]["user"]["exec"]


@pytest.mark.parametrize(
    ("login", "arguments"),
    [
        ("azurecli", ["--server-id", "server"]),
        ("workloadidentity", ["--server-id", "server"]),
        ("msi", ["--server-id", "server"]),
        (
            "spn",
            [
                *("--environment", "AzurePublicCloud"),
                *("--server-id", "server"),
                *("--tenant-id", "tenant"),
            ],
        ),
    ],
)
def test_each_login_has_what_it_needs_of_aks_and_the_rest_from_the_environment(
    login: str, arguments: list[str]
):
    call = call_of(with_login(kubeconfig(), login))
    assert call["args"] == ["get-token", "--login", login, *arguments]
    assert call["env"] is None


def test_who_signs_in_is_never_the_client_for_people():
    for login in ("azurecli", "workloadidentity", "msi", "spn"):
        assert "the-client-for-people" not in with_login(kubeconfig(), login)


def test_a_missing_kubelogin_gives_an_install_hint():
    hint = call_of(with_login(kubeconfig(), "azurecli"))["installHint"]
    assert "https://azure.github.io/kubelogin" in hint
    assert "delivery: render" in hint


@pytest.mark.parametrize(
    "text",
    [
        "users: [{name: user, user: {token: abc}}]",
        "users: []",
        "users: null",
        kubeconfig("aws"),
    ],
)
def test_a_kubeconfig_without_kubelogin_is_left_as_it_is(text: str):
    assert yaml.safe_load(with_login(text, "spn")) == yaml.safe_load(text)


def test_a_kubelogin_call_without_arguments_gets_its_login():
    call = call_of(with_login(kubeconfig(args=None), "msi"))
    assert call["args"] == ["get-token", "--login", "msi"]


def test_the_settings_choose_the_login():
    config = configuration_of("dev")
    config["aks-network:kubernetes"]["login"] = "workloadidentity"
    provider = run_program(config).one("pulumi:providers:kubernetes")
    assert "kubeconfig" in provider.secrets
    assert "workloadidentity" in provider.inputs["kubeconfig"]
    assert "devicecode" not in provider.inputs["kubeconfig"]


def test_only_a_rollout_and_a_gateway_are_waited_for():
    objects = [r for r in recorded("dev").registrations if r.type.startswith("kubernetes:")]
    objects += [r for r in recorded_example("nginx").registrations if r.type.endswith(":Ingress")]
    assert {"Deployment", "Service", "Ingress"} <= {item.inputs["kind"] for item in objects}
    for item in objects:
        notes = item.inputs["metadata"].get("annotations", {})
        kind = item.inputs["kind"]
        assert ("pulumi.com/skipAwait" in notes) == (kind in {"Service", "Ingress"}), item.name
        assert ("pulumi.com/waitFor" in notes) == (kind == "Gateway"), item.name


def test_no_pod_runs_before_its_namespace_is_closed():
    dev = recorded("dev")
    closed = dev.one(
        "kubernetes:networking.k8s.io/v1:NetworkPolicy",
        "applications-myapp-default-deny-networkpolicy",
    )
    deployments = dev.of_type("kubernetes:apps/v1:Deployment")
    assert {d.inputs["metadata"]["name"] for d in deployments} == {"frontend", "backend"}
    for deployment in deployments:
        assert closed.urn in dev.waits_for(deployment)


def test_no_application_waits_for_another():
    config = configuration_of("dev")
    (first,) = config["aks-network:kubernetes"]["applications"]
    pair = {"from": {"application": "myapp", "app": "frontend"}, "to": "backend"}
    second = {**first, "name": "other", "host": "other.myapp.com", "allow": [pair]}
    config["aks-network:kubernetes"]["applications"] = [first, second]
    made = run_program(config)
    own = {r.urn for r in made.registrations if r.name.startswith("applications-other")}
    others = {r.urn for r in made.registrations if r.name.startswith("applications-myapp")}
    assert own
    assert others
    for item in made.registrations:
        if item.urn in own:
            assert not made.waits_for(item) & others, item.name
