"""Each check of this machine and of Pulumi's side, where all is well and where it is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from cli import pulumi_cli
from cli.doctor.checks import state, tools
from cli.doctor.context import CommandResult
from cli.doctor.findings import CheckUnavailable, Result
from tests.cli.doctor.contexts import FakePulumi, all_ok, context, worst

Programs = Callable[..., None]


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Programs:
    """Makes PATH hold only these programs, each a shell script's body."""
    monkeypatch.setenv("PATH", str(tmp_path))

    def make(**bodies: str) -> None:
        for name, body in bodies.items():
            program = tmp_path / name
            program.write_text(f"#!/bin/sh\n{body}\n")
            program.chmod(0o755)

    return make


# --------------------------------------------------------------------- tools


def test_a_python_that_is_too_old_fails(monkeypatch: pytest.MonkeyPatch):
    all_ok(tools.python, context())
    monkeypatch.setattr(tools, "PYTHON", (9, 1))
    assert "9.1 or newer is needed" in worst(tools.python, context()).detail


def test_the_packages_are_those_of_the_lock_file():
    assert "requirements-simulator.txt" in all_ok(tools.packages, context())


def test_packages_other_than_pinned_fail(tmp_path: Path):
    lock = tmp_path / "requirements-simulator.txt"
    lock.write_text(
        "# a comment\n"
        f"pulumi=={version('pulumi')} \\\n    --hash=sha256:0\n"
        "pydantic==0.0.1 \\\n    --hash=sha256:0\n"
        "no-such-package==1\n"
        "no-such-package-either==1 ; sys_platform == 'win31'\n"
    )
    found = worst(tools.packages, replace(context(), lock_file=lock))
    pydantic = version("pydantic")
    assert found.detail.endswith(f"pydantic is {pydantic}, not ==0.0.1, no-such-package is missing")
    assert ".venv" in found.remedy


def _cli(dotted: str) -> dict[str, str]:
    return {"pulumi": f"echo v{dotted}", "pulumi-language-python": "exit 0"}


@pytest.mark.parametrize(
    ("programs", "result", "says"),
    [
        (_cli("99.0.0"), Result.OK, "99.0.0"),
        (_cli("3.1.0"), Result.FAILED, "is 3.1.0, but"),
        (_cli("3.244.0"), Result.FAILED, "gets no settings"),
        ({"pulumi": "exit 3"}, Result.FAILED, "exit status 3"),
        ({}, Result.FAILED, "none on PATH"),
    ],
)
def test_a_pulumi_that_does_not_serve_fails(
    only: Programs,
    monkeypatch: pytest.MonkeyPatch,
    programs: dict[str, str],
    result: Result,
    says: str,
):
    monkeypatch.setattr(pulumi_cli, "cached", lambda: None)
    only(**programs)
    found = worst(tools.pulumi, context())
    assert (found.result, says in found.detail) == (result, True)


def test_a_pulumi_that_make_obtained_serves(
    only: Programs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(
        pulumi_cli, "cached", lambda: pulumi_cli.Engine(tmp_path, pulumi_cli.VERSION)
    )
    only()
    assert "make obtained" in all_ok(tools.pulumi, context())


def _plugins(*names: str) -> FakePulumi:
    rows = [
        {"name": name, "version": version(pulumi_cli.PROVIDER_PACKAGES[name])} for name in names
    ]
    return FakePulumi({"plugin ls": CommandResult(0, json.dumps(rows), "")})


def test_a_plugin_that_is_not_installed_is_a_warning_unless_none_may_be_fetched(
    monkeypatch: pytest.MonkeyPatch,
):
    name = "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"
    monkeypatch.delenv(name, raising=False)
    all_ok(tools.plugins, context(pulumi=_plugins(*pulumi_cli.PROVIDER_PACKAGES), simulated=False))
    about = context(pulumi=_plugins("kubernetes"), simulated=False)
    found = worst(tools.plugins, about)
    assert found.result == Result.WARNING
    assert found.remedy.startswith("pulumi plugin install resource azure-native 3.")
    monkeypatch.setenv(name, "1")
    assert worst(tools.plugins, about).result == Result.FAILED


def test_on_the_simulated_cloud_neither_plugins_nor_azures_programs_are_needed(only: Programs):
    only()
    for check in (tools.plugins, tools.azure_cli, tools.kubelogin):
        all_ok(check, context())


def test_azure_cli_is_needed_where_someone_signs_in_by_it(only: Programs):
    only()
    assert "azure-native and kubelogin" in worst(tools.azure_cli, context(simulated=False)).detail
    oidc = {"ARM_USE_OIDC": "true"}
    about = context(simulated=False, environment=oidc)
    assert "missing, and kubelogin" in worst(tools.azure_cli, about).detail
    prod = context("prod", simulated=False, environment=oidc)
    assert "not needed" in all_ok(tools.azure_cli, prod)
    only(az="""echo '{"azure-cli": "2.80.0"}'""")
    assert all_ok(tools.azure_cli, about) == "2.80.0"


def test_kubelogin_is_needed_where_objects_are_applied(only: Programs):
    only()
    assert "render" in worst(tools.kubelogin, context(simulated=False)).remedy
    assert "not needed" in all_ok(tools.kubelogin, context("prod", simulated=False))
    only(kubelogin="echo 'kubelogin version'; echo 'git hash: v0.2.10/abc'")
    assert all_ok(tools.kubelogin, context(simulated=False)) == "v0.2.10"


# --------------------------------------------------------------------- state


def _who(url: str) -> FakePulumi:
    answer = CommandResult(0, json.dumps({"user": "ada", "url": url}), "")
    return FakePulumi({"whoami": answer}, deployment={"resources": []})


def test_nobody_being_logged_in_fails():
    said = CommandResult(255, "", "error: PULUMI_ACCESS_TOKEN must be set for login\n")
    cli = FakePulumi({"whoami": said})
    found = worst(state.backend, context(pulumi=cli, simulated=False))
    assert found.detail == "PULUMI_ACCESS_TOKEN must be set for login"
    assert found.result == Result.FAILED


def test_the_simulated_clouds_backend_need_not_be_there_yet():
    assert "make up" in all_ok(state.backend, context())


def test_a_backend_on_this_machine_is_a_warning_for_azure():
    local = _who("file:///home/ada?metadata=skip")
    assert "file:///home/ada as ada" in all_ok(state.backend, context(pulumi=local))
    found = worst(state.backend, context(pulumi=local, simulated=False))
    assert (found.result, "azblob" in found.remedy) == (Result.WARNING, True)
    shared = _who("azblob://state?storage_account=st")
    all_ok(state.backend, context(pulumi=shared, simulated=False))


def test_a_stack_that_is_not_there_fails_on_azure_only():
    assert "make up creates it" in all_ok(state.stack, context())
    found = worst(state.stack, context(simulated=False))
    assert found.remedy == "pulumi stack init dev"


def test_pending_operations_fail():
    urn = "urn:pulumi:dev::aks-network::azure-native:network:Subnet::network-nodes"
    settled: dict[str, Any] = {"resources": [{"urn": urn}]}
    all_ok(state.stack, context(pulumi=FakePulumi(deployment=settled)))
    pending = {"pending_operations": [{"type": "creating", "resource": {"urn": urn}}]}
    cut = FakePulumi(deployment=settled | pending)
    found = worst(state.stack, context(pulumi=cut, simulated=False))
    assert "creating network-nodes" in found.detail
    assert found.remedy.startswith("make recover STACK=dev CLOUD=azure")


def test_a_state_that_can_not_be_read_is_no_answer():
    said = CommandResult(255, "", "error: failed to load checkpoint: EOF\n")
    with pytest.raises(CheckUnavailable, match="EOF"):
        state.read(FakePulumi({"stack export": said}))


SECRET = {"aks-network:management": {"gateway": {"sharedKey": {"secure": "v1:abc"}}}}


def test_secrets_that_can_not_be_decrypted_fail():
    there: dict[str, Any] = {"resources": []}
    wrong = CommandResult(255, "", "error: incorrect passphrase\n")
    about = context(
        config=SECRET, pulumi=FakePulumi({"config --show-secrets": wrong}, deployment=there)
    )
    assert worst(state.secrets, about).detail == "incorrect passphrase"
    right = FakePulumi({"config --show-secrets": CommandResult(0, "", "")}, deployment=there)
    all_ok(state.secrets, context(config=SECRET, pulumi=right))


def test_the_secrets_provider_is_asked_only_where_there_are_secrets():
    cli = FakePulumi(deployment={"resources": []})
    assert "has no secrets" in all_ok(state.secrets, context(pulumi=cli))
    assert "does not exist" in all_ok(state.secrets, context(config=SECRET))
    assert not [one for one in cli.ran if one[0] == "config"]


def test_secrets_that_the_stack_needs_fail_on_azure_only():
    paths = ("aks-network:ingress.waf.certificate.pfx", "aks-network:x.jumpBox.sshPublicKey")
    assert "2 missing" in all_ok(state.missing, context(missing=paths))
    remedies = [one.remedy for one in state.missing(context(missing=paths, simulated=False))]
    assert remedies == [
        "pulumi config set --stack dev --secret --path 'aks-network:ingress.waf.certificate.pfx'",
        "pulumi config set --stack dev --path 'aks-network:x.jumpBox.sshPublicKey'",
    ]
    all_ok(state.missing, context(simulated=False))
