from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cli import console, plan, pulumi_cli, run
from cli.console import Failure
from support.repository import ROOT


def _in_foreground(script: str, *, first: str = "") -> subprocess.Popen[str]:
    """A process that runs a Python script as it would run Pulumi."""
    program = (
        "import os, signal, sys\nfrom cli.run import run_in_foreground\n"
        f"{first}\n"
        f"sys.exit(run_in_foreground([sys.executable, '-c', {script!r}], dict(os.environ)))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


ENDS_IN_ITS_OWN_TIME = """
import signal, sys, time

def end(number, frame):
    time.sleep(0.2)
    print("state saved after", signal.Signals(number).name)
    sys.exit(9)

signal.signal(signal.SIGTERM, end)
signal.signal(signal.SIGHUP, end)
print("ready", flush=True)
time.sleep(2)
print("state saved")
sys.exit(8)
"""


def _status_and_last_words(
    process: subprocess.Popen[str], number: signal.Signals
) -> tuple[int, str]:
    """What becomes of a process that gets a signal once it says that it is ready."""
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        words = process.stdout.read()
        return process.wait(timeout=30), words


def test_the_exit_status_is_that_of_the_command():
    with _in_foreground("exit(7)") as process:
        assert process.wait(timeout=30) == 7


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_end_is_passed_on_and_the_command_ends_in_its_own_time(number: signal.Signals):
    process = _in_foreground(ENDS_IN_ITS_OWN_TIME, first=f"signal.signal({number}, signal.SIG_DFL)")
    words = f"state saved after {number.name}\n"
    assert _status_and_last_words(process, number) == (9, words)


def test_a_signal_that_comes_before_the_command_starts_is_passed_on_when_it_does():
    first = (
        "import subprocess\nbegin = subprocess.Popen\n"
        "def slowly(*arguments, **options):\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    return begin(*arguments, **options)\n"
        "subprocess.Popen = slowly"
    )
    with _in_foreground("import time; time.sleep(30)", first=first) as process:
        assert process.wait(timeout=20) == 128 + signal.SIGTERM


def test_a_hang_up_is_ignored_under_nohup():
    ignore = "signal.signal(signal.SIGHUP, signal.SIG_IGN)"
    process = _in_foreground(ENDS_IN_ITS_OWN_TIME, first=ignore)
    assert _status_and_last_words(process, signal.SIGHUP) == (8, "state saved\n")


def test_a_keyboard_interrupt_is_left_to_the_command():
    process = _in_foreground(ENDS_IN_ITS_OWN_TIME)
    assert _status_and_last_words(process, signal.SIGINT) == (8, "state saved\n")


def test_a_failure_is_one_line_and_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def obtain() -> None:
        raise Failure("no engine")

    monkeypatch.setattr(pulumi_cli, "obtain", obtain)
    assert run.main(["up", "--stack", "dev"]) == 1
    assert capsys.readouterr().err == "error: no engine\n"


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
    assert "PULUMI_HOME" not in environment
    assert "AZURE_SIM_STATE" not in environment


def test_long_steps_say_that_they_progress(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(console, "SECONDS_BETWEEN_LINES", 0.1)
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
    monkeypatch.setattr(console, "SECONDS_BETWEEN_LINES", 0.1)
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
        "from cli.console import only_one_at_a_time\n"
        f"with only_one_at_a_time(Path({str(tmp_path / 'lock')!r}), 'waiting'):\n"
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
    assert run._is_alive(process.pid)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert not run._is_alive(process.pid)
    process.communicate()


def test_in_two_steps_what_takes_long_is_destroyed_first(monkeypatch, tmp_path: Path):
    kind = "azure-native:network:BastionHost"
    bastion = {"urn": f"urn:pulumi:s::p::{kind}::bas", "type": kind, "custom": True, "id": "/b"}
    file = tmp_path / "state.json"
    asked: list[list[str]] = []

    def run_in_foreground(command: list[str], environment: dict[str, str]) -> int:
        assert environment == {"A": "B"}
        asked.append(list(command))
        return 0

    monkeypatch.setattr(run, "run_in_foreground", run_in_foreground)

    def destroy(resources: list[dict[str, object]]) -> None:
        file.write_text(json.dumps({"deployment": {"resources": resources}}))
        extra = ["--in-two-steps", "--diff"]
        assert run.destroy_in_two_steps(["p"], ["cat", str(file)], extra, {"A": "B"}) == 0

    destroy([bastion])
    first = ["p", "--target", bastion["urn"], "--target-dependents", "--diff"]
    assert asked == [first, ["p", "--diff"]]

    asked.clear()
    destroy([])
    assert asked == [["p", "--diff"]]
