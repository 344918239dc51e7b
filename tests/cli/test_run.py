from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cli import console, plan, pulumi_cli, run
from cli.command import INTERRUPTED, reports_errors
from cli.console import Failure
from cli.simulated.workspace import is_alive
from support.repository import ROOT


def test_a_failure_is_one_line_and_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def obtain() -> None:
        raise Failure("no engine")

    monkeypatch.setattr(pulumi_cli, "obtain", obtain)
    assert run.main(["up", "--stack", "dev"]) == 1
    assert capsys.readouterr().err == "error: no engine\n"


def test_an_interrupted_command_ends_without_a_traceback(capsys: pytest.CaptureFixture[str]):
    @reports_errors()
    def main(_: object) -> int:
        raise KeyboardInterrupt

    assert main([]) == INTERRUPTED
    assert capsys.readouterr().err == ""


def test_a_defect_is_not_reported_as_the_users_error():
    @reports_errors(ValueError)
    def main(_: object) -> int:
        raise KeyError("x")

    with pytest.raises(KeyError):
        main([])


def test_against_azure_nothing_of_the_users_environment_is_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    seen: list[tuple[list[str], dict[str, str]]] = []

    def run_in_foreground(command: list[str], environment: dict[str, str]) -> int:
        seen.append((command, environment))
        return 0

    monkeypatch.setattr(run, "run_in_foreground", run_in_foreground)
    monkeypatch.setattr(
        pulumi_cli, "obtain", lambda: pulumi_cli.Engine(tmp_path, pulumi_cli.VERSION)
    )
    monkeypatch.setenv("ARM_CLIENT_ID", "mine")
    monkeypatch.setenv("PULUMI_BACKEND_URL", "azblob://mine")

    assert run.main(["up", "--stack", "prod", "--cloud", "azure", "--diff"]) == 0

    [(command, environment)] = seen
    assert command == [str(tmp_path / "pulumi"), "up", "--stack", "prod", "--diff"]
    assert environment["ARM_CLIENT_ID"] == "mine"
    assert environment["PULUMI_BACKEND_URL"] == "azblob://mine"
    assert environment["PATH"].startswith(f"{tmp_path}{os.pathsep}")
    assert "PULUMI_HOME" not in environment
    assert "AZURE_SIM_STATE" not in environment


def test_long_steps_say_that_they_progress(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(console, "SECONDS_BETWEEN_UPDATES", 0.1)
    console.run_showing_progress(
        ["sh", "-c", "echo noise; sleep 0.35"], "building", cwd=ROOT, environment={}
    )
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "building …"
    assert lines[1:-1].count("building, 0 s") >= 2
    assert lines[-1].startswith("building: done in")


def test_a_long_step_that_fails_shows_what_it_said_last():
    with pytest.raises(Failure, match="failed with exit status 3\nno space left"):
        console.run_showing_progress(
            ["sh", "-c", "echo no space left; exit 3"], "building", cwd=ROOT, environment={}
        )


def test_a_long_step_that_exceeds_its_limit_is_ended(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(console, "SECONDS_BETWEEN_UPDATES", 0.1)
    started = time.monotonic()
    with pytest.raises(Failure, match="gave up after"):
        console.run_showing_progress(
            ["sleep", "30"], "waiting", cwd=ROOT, environment={}, limit_seconds=0.2
        )
    assert time.monotonic() - started < 10


def test_two_runs_that_build_the_same_wait_for_each_other(tmp_path: Path):
    order = tmp_path / "order"
    program = (
        "import sys, time\nfrom pathlib import Path\n"
        "from cli.locks import exclusive\n"
        f"with exclusive(Path({str(tmp_path / 'lock')!r}), 'waiting'):\n"
        f"    with open({str(order)!r}, 'a') as file: file.write('in ')\n"
        "    time.sleep(0.3)\n"
        f"    with open({str(order)!r}, 'a') as file: file.write('out ')\n"
    )
    runs = [subprocess.Popen([sys.executable, "-c", program], cwd=ROOT) for _ in range(2)]
    assert [run.wait(timeout=30) for run in runs] == [0, 0]
    assert order.read_text() == "in out in out "


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_a_plan_is_shown_without_engine_and_cloud(stack: str, capsys: pytest.CaptureFixture[str]):
    assert plan.main(["--stack", stack]) == 0
    assert "Address plan" in capsys.readouterr().out
    assert "<svg" in (ROOT / ".local" / f"address-plan.{stack}.svg").read_text()


def test_a_plan_of_an_unknown_stack_is_refused(capsys: pytest.CaptureFixture[str]):
    assert plan.main(["--stack", "nope"]) == 1
    assert "there is no stack nope" in capsys.readouterr().err


def test_every_target_of_the_makefile_is_in_its_table():
    table = subprocess.run(
        ["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    makefile = (ROOT / "Makefile").read_text()
    targets = {
        name
        for line in makefile.splitlines()
        if line.startswith(".PHONY:")
        for name in line.removeprefix(".PHONY:").split()
    } - {"FORCE"}
    assert {name for name in targets if f"make {name} " not in table} == set()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux' /proc")
def test_a_killed_process_that_nobody_waited_for_holds_no_lock():
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert is_alive(process.pid)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert not is_alive(process.pid)
    process.communicate()
