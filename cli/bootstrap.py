"""Builds the environment `.venv` from a requirements file: `python cli/bootstrap.py <level>`.

Runs under any Python from 3.11 on, before anything is installed: standard library only. It installs
only when the requirements file or the interpreter has changed. A stamp file `.venv/.<level>` says
what was installed.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from cli.command import reports_errors  # noqa: E402
from cli.console import Failure, run_showing_progress, say  # noqa: E402

VENV = ROOT / ".venv"
REQUIREMENTS = {
    "azure": "requirements-azure.txt",
    "simulator": "requirements-simulator.txt",
    "development": "requirements-dev.txt",
}
"""The file of each level. All have their pins from one resolution, so levels add up."""
EVERYTHING = "development"
"""The level that contains all others."""


def build(level: str) -> None:
    """Install the requirements of `level` into `.venv`, which is created if necessary.

    Raises `Failure` when Python lacks its venv module or when the installation fails.
    """
    with _lock(ROOT / ".local" / "bootstrap.lock"):
        stamp = VENV / f".{level}"
        key = _key(level)
        if not _works(VENV):
            _create()
        if not stamp.exists() or stamp.read_text() != key:
            _install(ROOT / REQUIREMENTS[level])
        stamp.write_text(key)
        if level == EVERYTHING:
            for other in REQUIREMENTS:
                (VENV / f".{other}").write_text(_key(other))


@contextmanager
def _lock(file: Path) -> Generator[None]:
    """Let one process at a time build; the kernel releases the lock when the process ends.

    The other commands use the library filelock, which is not installed yet here.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as opened:
        try:
            flock(opened, LOCK_EX | LOCK_NB)
        except OSError:
            say("another run builds the Python environment; waiting for it")
            flock(opened, LOCK_EX)
        yield


def _key(level: str) -> str:
    requirements = (ROOT / REQUIREMENTS[level]).read_bytes()
    return f"{hashlib.sha256(requirements).hexdigest()} {sys.version_info[:2]}\n"


def _works(venv: Path) -> bool:
    """Whether `venv` starts, is new enough, and has pip, which Pulumi's language host needs."""
    python = venv / "bin" / "python"
    check = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        return (
            subprocess.run([python, "-c", check], capture_output=True, check=False).returncode == 0
        )
    except OSError:
        return False


def _create() -> None:
    if VENV.exists():
        say("the Python environment .venv no longer works; building it again")
        shutil.rmtree(VENV)
    if uv := shutil.which("uv"):
        command = [uv, "venv", "--quiet", "--seed", "--python", sys.executable, str(VENV)]
    elif importlib.util.find_spec("ensurepip"):
        command = [sys.executable, "-m", "venv", str(VENV)]
    else:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise Failure(
            f"Python's venv module is incomplete: install it (Debian and Ubuntu: "
            f"apt install python{version}-venv)"
        )
    run_showing_progress(
        command, "creating the Python environment .venv", cwd=ROOT, environment=os.environ
    )


def _install(requirements: Path) -> None:
    step = f"installing the Python packages of {requirements.name}"
    python = VENV / "bin" / "python"
    # Compiling all modules of the Azure SDK takes ten times as long as installing them, and few of
    # them are ever imported.
    pip = [
        python,
        "-m",
        "pip",
        "install",
        "--no-compile",
        "--no-input",
        "--disable-pip-version-check",
    ]
    if uv := shutil.which("uv"):
        try:
            run_showing_progress(
                [uv, "pip", "install", "--python", python, "-r", requirements],
                step,
                cwd=ROOT,
                environment=os.environ,
            )
        except Failure as failure:
            say(f"uv failed, trying pip: {failure}")
        else:
            return
    run_showing_progress([*pip, "-r", requirements], step, cwd=ROOT, environment=os.environ)


@reports_errors()
def main(arguments: Sequence[str]) -> int:
    """Build the environment of the level in the arguments."""
    parser = argparse.ArgumentParser(prog="python cli/bootstrap.py", description=__doc__)
    parser.add_argument("level", choices=REQUIREMENTS)
    build(parser.parse_args(arguments).level)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
