"""Builds the Python environment `.venv` from a lock file: `python cli/bootstrap.py <level>`.

Runs under any Python from 3.11 on, before anything is installed. The environment is rebuilt only
when a lock file or the interpreter changed; a stamp in it says from what it was built.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from cli.console import Failure, only_one_at_a_time, run_showing_progress, say  # noqa: E402

VENV = ROOT / ".venv"
LOCK_FILES = {
    "runtime": "requirements.txt",
    "azure": "requirements-azure.txt",
    "development": "requirements-dev.txt",
}
"""Each environment holds everything that the ones before it hold."""


def main(level: str) -> None:
    """Make `.venv` hold what the lock file of `level` names.

    Raises `Failure` when Python lacks its venv module or the installation fails.
    """
    with only_one_at_a_time(
        ROOT / ".local" / "bootstrap.lock", "another run builds the Python environment; waiting"
    ):
        stamp = VENV / f".{level}"
        key = _key(ROOT / LOCK_FILES[level])
        if not _works(VENV):
            _create()
        if not stamp.exists() or stamp.read_text() != key:
            _install(ROOT / LOCK_FILES[level])
        stamp.write_text(key)
        for smaller in list(LOCK_FILES)[: list(LOCK_FILES).index(level)]:
            (VENV / f".{smaller}").write_text(_key(ROOT / LOCK_FILES[smaller]))


def _key(lock_file: Path) -> str:
    return f"{hashlib.sha256(lock_file.read_bytes()).hexdigest()} {sys.version_info[:2]}\n"


def _works(venv: Path) -> bool:
    """Whether `venv` starts, is new enough and holds pip, which Pulumi's language host asks for."""
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
        say("the Python environment .venv does not work any more; building it anew")
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


def _install(lock_file: Path) -> None:
    doing = f"installing the Python packages of {lock_file.name}"
    python = VENV / "bin" / "python"
    # Compiling every module of the Azure SDK takes ten times as long as installing it, and hardly
    # any of them is ever imported.
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
                [uv, "pip", "install", "--python", python, "-r", lock_file],
                doing,
                cwd=ROOT,
                environment=os.environ,
            )
        except Failure as failure:
            say(f"uv could not install them, trying pip: {failure}")
        else:
            return
    run_showing_progress([*pip, "-r", lock_file], doing, cwd=ROOT, environment=os.environ)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except Failure as failure:
        sys.exit(f"error: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)
