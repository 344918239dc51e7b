"""`make doctor` as a whole, on the simulated cloud."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from cli import stack_file
from cli.doctor import __main__
from cli.doctor.checks import state as states
from cli.doctor.client import READ_ONLY_POSTS, Request, Response
from cli.doctor.context import CommandResult
from cli.doctor.pulumi import PulumiCli
from cli.doctor.simulated import SimulatedTransport
from support.repository import ROOT

STACKS = [path.name.split(".")[1] for path in sorted(ROOT.glob("Pulumi.*.yaml"))]
EXAMPLES = [
    path.stem for path in sorted((ROOT / "examples").glob("*.yaml")) if "." not in path.stem
]


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A checkout of the repository's files in which nothing was deployed yet."""
    for name in (
        "examples",
        "requirements-simulator.txt",
        *(f"Pulumi.{stack}.yaml" for stack in STACKS),
    ):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.setattr(__main__, "ROOT", tmp_path)
    return tmp_path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> tuple[list[Request], list[tuple[str, ...]]]:
    """Every request to Azure and every command of Pulumi's that a run makes."""
    requests: list[Request] = []
    commands: list[tuple[str, ...]] = []
    send, run = SimulatedTransport.send, PulumiCli.run

    def watched(self: SimulatedTransport, request: Request) -> Response:
        requests.append(request)
        return send(self, request)

    def counted(self: PulumiCli, *command: str, discard: bool = False) -> CommandResult:
        commands.append(command)
        return run(self, *command, discard=discard)

    monkeypatch.setattr(SimulatedTransport, "send", watched)
    monkeypatch.setattr(PulumiCli, "run", counted)
    return requests, commands


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("stack", [*STACKS, *EXAMPLES])
def test_nothing_stands_in_the_way_of_any_stack_and_example(
    stack: str, capsys: pytest.CaptureFixture[str]
):
    status = __main__.main(["--stack", stack])
    text = capsys.readouterr().out
    assert "FAILED" not in text
    assert "the check itself failed" not in text
    assert status == 0


@pytest.mark.parametrize("stack", ["prod", "byo-vnet", "custom-role", "expressroute"])
def test_nothing_is_sent_but_what_asks_and_nothing_is_written(
    stack: str, elsewhere: Path, asked: tuple[list[Request], list[tuple[str, ...]]]
):
    before = sorted(elsewhere.rglob("*"))
    __main__.main(["--stack", stack])
    requests, commands = asked
    assert {one.method for one in requests} <= {"GET", "POST"}
    assert len([one for one in requests if one.method == "GET"]) > 10
    for one in requests:
        if one.method == "POST":
            assert any(re.fullmatch(path, one.path) for path in READ_ONLY_POSTS), one.path
    assert commands
    for command in commands:
        assert any(command[: len(words)] == words for words in states.READING), command
    assert sorted(elsewhere.rglob("*")) == before


def test_a_command_that_changes_something_is_not_run():
    cli = PulumiCli(None, "dev", {}, None)
    for command in (("up",), ("refresh",), ("stack", "init"), ("state", "unprotect"), ("cancel",)):
        with pytest.raises(ValueError, match="only read"):
            cli.run(*command)


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize(
    ("subscription", "says"),
    [
        ("{quotas: {cores: 4}}", "Total Regional vCPUs"),
        ("{providers: {Microsoft.Network: NotRegistered}}", "az provider register"),
        ("{state: Disabled}", "accepts no writes"),
        ("{permissions: [{actions: ['*/read']}]}", "resourceGroups/write"),
        ("{restrictions: {Standard_D4ds_v5: [westeurope]}}", "NotAvailableForSubscription"),
    ],
)
def test_a_subscription_that_is_not_ready_is_reported_and_fails_the_command(
    subscription: str,
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setenv("AZURE_SIM_SUBSCRIPTION", subscription)
    assert __main__.main(["--stack", "dev"]) == 1
    assert says in " ".join(capsys.readouterr().out.split())


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("text", ["{quota: {cores: 4}}", "- a", "{"])
def test_a_subscription_that_makes_no_sense_is_refused(
    text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("AZURE_SIM_SUBSCRIPTION", text)
    assert __main__.main([]) == 1
    assert capsys.readouterr().err.startswith("error: ")


def test_a_fixture_says_what_the_subscription_is_like(elsewhere: Path):
    (elsewhere / "examples").unlink()
    (elsewhere / "examples").mkdir()
    example = (ROOT / "examples" / "azure-cni.yaml").read_text()
    (elsewhere / "examples" / "poor.yaml").write_text(example)
    fixture = elsewhere / "examples" / "poor.cloud.yaml"
    fixture.write_text("- conditions: {quotas: {cores: 4}}\n")
    assert __main__.main(["--stack", "poor"]) == 1
    fixture.unlink()
    assert __main__.main(["--stack", "poor"]) == 0


def test_an_unknown_stack_is_answered_with_those_there_are(capsys: pytest.CaptureFixture[str]):
    assert __main__.main(["--stack", "nope"]) == 1
    assert "dev, prod" in capsys.readouterr().err


def test_a_configuration_with_problems_is_reported_with_the_first_ones(
    elsewhere: Path, capsys: pytest.CaptureFixture[str]
):
    (elsewhere / "Pulumi.dev.yaml").unlink()
    text = (ROOT / "Pulumi.dev.yaml").read_text().replace("workload: shop", "workload: 9")
    (elsewhere / "Pulumi.dev.yaml").write_text(text)
    assert __main__.main(["--stack", "dev"]) == 1
    assert "aks-network:workload" in capsys.readouterr().out


@pytest.mark.usefixtures("elsewhere")
def test_the_output_has_no_colours_where_it_is_piped(capsys: pytest.CaptureFixture[str]):
    __main__.main([])
    assert "\033" not in capsys.readouterr().out


def _environment(**more: str) -> Mapping[str, str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("ARM_", "AZURE_"))}
    return {**inherited, **more}


def test_on_azure_without_a_sign_in_every_check_is_still_made(tmp_path: Path):
    environment = _environment(
        HOME=str(tmp_path),
        PULUMI_HOME=str(tmp_path / "pulumi"),
        PULUMI_BACKEND_URL=(tmp_path / "backend").as_uri(),
        ARM_USE_OIDC="true",
    )
    answer = subprocess.run(
        [sys.executable, "-m", "cli.doctor.__main__", "--stack", "dev", "--cloud", "azure"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1
    assert "signing in by OIDC needs ARM_SUBSCRIPTION_ID" in " ".join(answer.stdout.split())
    assert "Traceback" not in answer.stdout + answer.stderr
    for title in ("Tools", "Stack", "Sign-in", "Subscription", "Region", "Names"):
        assert f"\n{title}\n" in f"\n{answer.stdout}"


def test_a_value_that_is_there_encrypted_is_not_missing(tmp_path: Path):
    file = tmp_path / "Pulumi.dev.yaml"
    text = (ROOT / "Pulumi.dev.yaml").read_text()
    file.write_text(text)
    assert stack_file.as_committed(file)[1] == [
        "aks-network:ingress.waf.certificate.pfx",
        "aks-network:management.jumpBox.sshPublicKey",
    ]
    key = "adminUsername: azureops"
    file.write_text(text.replace(key, f"{key}, sshPublicKey: {{secure: v1:abc}}"))
    assert stack_file.as_committed(file)[1] == ["aks-network:ingress.waf.certificate.pfx"]
