"""Progress of long steps."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from cli import console, progress
from cli.console import Failure
from support.repository import ROOT

SCRIPT = (
    "import os\nfrom pathlib import Path\nfrom cli import progress\n"
    "progress.run(['sleep', '0.3'], 'building', cwd=Path('.'), environment=dict(os.environ))"
)


def test_a_log_has_lines(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(console, "SECONDS_BETWEEN_UPDATES", 0.1)
    progress.run(["sleep", "0.3"], "building", cwd=ROOT, environment=dict(os.environ))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "building …"
    assert "building, 0 s" in lines
    assert lines[-1].startswith("building: done in")


def test_a_terminal_has_a_spinner_and_keeps_the_last_line():
    ours, terminal = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if k not in {"NO_COLOR", "TTY_COMPATIBLE"}}
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        cwd=ROOT,
        env={**environment, "TERM": "xterm", "COLUMNS": "80"},
        stdin=subprocess.DEVNULL,
        stderr=terminal,
    )
    os.close(terminal)
    output = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:
            break
        if not piece:
            break
        output += piece
    os.close(ours)
    assert process.wait(timeout=30) == 0
    text = output.decode()
    assert "0:00:00" in text
    assert "building …" not in text
    assert "building: done in" in text.splitlines()[-1]


def test_a_step_that_fails_shows_its_output():
    with pytest.raises(Failure, match="failed with exit status 3\nno space left"):
        progress.run(
            ["sh", "-c", "echo no space left; exit 3"], "building", cwd=ROOT, environment={}
        )
