"""Running a command in the foreground: signals and exit status."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from support.repository import ROOT


def _in_foreground(script: str, *, first: str = "") -> subprocess.Popen[str]:
    """A process that runs a Python script as it would run Pulumi."""
    program = (
        "import os, signal, sys\nfrom cli.foreground import run_in_foreground\n"
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
    """Status and output of a process that gets a signal once it says that it is ready."""
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
