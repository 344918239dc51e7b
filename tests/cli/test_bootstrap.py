from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cli import bootstrap
from cli.console import Failure
from support.repository import ROOT


def _run_with_only(programs: Path) -> subprocess.CompletedProcess[str]:
    for name in ("sh", "dirname"):
        program = shutil.which(name)
        assert program is not None
        (programs / name).symlink_to(program)
    return subprocess.run(
        ["sh", str(ROOT / "cli" / "bootstrap.sh"), "simulator"],
        env={"PATH": str(programs)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_machine_without_python_gets_an_error_that_says_what_to_install(tmp_path: Path):
    answer = _run_with_only(tmp_path)
    assert answer.returncode == 1
    assert answer.stderr.startswith("error: Python 3.11 or newer is needed (python3 is missing):")
    assert len(answer.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("body", "complaint"),
    [('case "$2" in *print*) echo 3.9;; *) exit 1;; esac', "3.9"), ("exit 127", "broken")],
)
def test_a_python_that_does_not_serve_is_named(tmp_path: Path, body: str, complaint: str):
    python = tmp_path / "python3"
    python.write_text(f"#!/bin/sh\n{body}\n")
    python.chmod(0o755)
    assert f"(python3 is {complaint})" in _run_with_only(tmp_path).stderr


class Environment:
    """A `.venv` in a scratch directory, with what was done to it in `done`."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.requirements = root / "requirements-simulator.txt"
        self.venv = root / ".venv"
        self.done: list[str] = []
        self.works = False
        self.requirements.write_text("pulumi==1\n")
        (root / "requirements-azure.txt").write_text("pulumi==1\nazure-identity==1\n")
        (root / "requirements-dev.txt").write_text("pulumi==1\nazure-identity==1\npytest==1\n")
        monkeypatch.setattr(bootstrap, "ROOT", root)
        monkeypatch.setattr(bootstrap, "VENV", self.venv)
        monkeypatch.setattr(bootstrap, "_works", lambda _: self.works)
        monkeypatch.setattr(bootstrap, "_create", self._create)
        monkeypatch.setattr(bootstrap, "_install", lambda file: self.done.append(file.name))

    def _create(self) -> None:
        shutil.rmtree(self.venv, ignore_errors=True)
        self.venv.mkdir()
        self.works = True
        self.done.append("created")

    def build(self, level: str = "simulator") -> list[str]:
        self.done.clear()
        bootstrap.build(level)
        return self.done


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    return Environment(tmp_path, monkeypatch)


def test_the_environment_is_built_once(environment: Environment):
    assert environment.build() == ["created", "requirements-simulator.txt"]
    assert environment.build() == []


def test_a_changed_lock_file_is_installed(environment: Environment):
    environment.build()
    environment.requirements.write_text("pulumi==2\n")
    assert environment.build() == ["requirements-simulator.txt"]


def test_a_broken_environment_is_built_again(environment: Environment):
    environment.build()
    environment.works = False
    assert environment.build() == ["created", "requirements-simulator.txt"]


def test_the_environment_of_development_serves_every_command(environment: Environment):
    assert environment.build("development") == ["created", "requirements-dev.txt"]
    assert environment.build("simulator") == []
    assert environment.build("azure") == []
    assert environment.build("development") == []


def test_the_levels_of_the_two_clouds_add_up(environment: Environment):
    assert environment.build("simulator") == ["created", "requirements-simulator.txt"]
    assert environment.build("azure") == ["requirements-azure.txt"]
    assert environment.build("simulator") == []


def test_two_runs_that_build_the_environment_wait_for_each_other(tmp_path: Path):
    order = tmp_path / "order"
    program = (
        "import time\nfrom pathlib import Path\nfrom cli.bootstrap import _lock\n"
        f"with _lock(Path({str(tmp_path / 'lock')!r})):\n"
        f"    with open({str(order)!r}, 'a') as file: file.write('in ')\n"
        "    time.sleep(0.3)\n"
        f"    with open({str(order)!r}, 'a') as file: file.write('out ')\n"
    )
    runs = [subprocess.Popen([sys.executable, "-c", program], cwd=ROOT) for _ in range(2)]
    assert [run.wait(timeout=30) for run in runs] == [0, 0]
    assert order.read_text() == "in out in out "


def test_building_needs_nothing_but_the_standard_library():
    code = (
        "import sys, cli.bootstrap\n"
        "names = {name.partition('.')[0] for name in sys.modules}\n"
        "print(sorted(names - sys.stdlib_module_names - {'cli', '__main__'}))"
    )
    answer = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == "[]"


def test_an_installation_that_failed_is_tried_again(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
):
    def fail(_: Path) -> None:
        raise Failure("no network")

    with monkeypatch.context() as patch:
        patch.setattr(bootstrap, "_install", fail)
        with pytest.raises(Failure):
            environment.build()
    assert environment.build() == ["requirements-simulator.txt"]


def test_a_python_without_its_venv_module_gets_an_error_that_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def find(_: str) -> None:
        return None

    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(shutil, "which", find)
    monkeypatch.setattr(importlib.util, "find_spec", find)
    with pytest.raises(Failure, match=r"apt install python3\.\d+-venv"):
        bootstrap._create()
