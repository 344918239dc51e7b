"""Every command on the pages that users read is run: Pulumi's and make's on the simulated Azure.

Each page has a copy of the project with its stack deployed, and a home of its own. Programs that
ask Azure or a cluster themselves have a stand-in, which takes what the real ones take
(`tests/docs/command_lines.json`).
"""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from cli.pulumi_cli import Engine
from cli.simulated.workspace import PROJECT, SimulatedCloud
from support.repository import ROOT
from tests.docs import pages, stand_in
from tests.engine.warm.start import (
    keep_no_logs,
    put_engine,
    put_interpreter,
    variables,
    warm_servers,
)
from tests.helpers.certificates import PFX

STACK_OF = {
    "docs/applications.md": "prod",
    "docs/operating.md": "expressroute",
    "docs/recovery.md": "prod",
    "docs/security.md": "prod",
    "docs/timeline.md": "prod",
}
"""The stack that a page's commands are about, where it is not dev."""

NOT_DEPLOYED = {
    "README.md",
    "CONTRIBUTING.md",
    "docs/first-request.md",
    "docs/package.md",
    "docs/simulator.md",
    "docs/start.md",
}
"""Pages that begin where nothing is there yet."""

TOO_LONG = {
    "make test": "this is a part of it",
    "make test-unit": "a part of the tests",
    "make lint": "continuous integration runs it beside the tests",
    "make bench": "minutes",
    "make sweep": "hours",
    "make edits": "minutes; tests/engine/test_edits.py repeats it",
    "make examples": "minutes; tests/engine/test_examples.py",
    "make checkov": "installs checkov; tests/audit runs it over a recorded template",
    "make hooks": "writes into the user's own clone",
}
"""Of these only `make --dry-run` is run, and why."""

NOT_HERE = {
    "make doctor CLOUD=azure": "asks Azure; tests/doctor asks a server in its place",
    "pulumi login 'azblob://pulumi?storage_account=stcontosopulumi'": "asks Azure's storage",
    "pulumi stack init dev"
    " --secrets-provider='azurekeyvault://kv-contoso-pulumi.vault.azure.net/keys/pulumi'": (
        "asks a key vault"
    ),
    "pulumi stack init contoso/dev": "Pulumi Cloud alone has organizations",
    "pulumi up --policy-pack analysis/audit/policy_pack": (
        "needs the CLI's own language host (docs/security.md)"
    ),
    "pulumi package add github.com/OWNER/aks-network/package@v0.1.0": "so does this",
    "pulumi package add ../aks-network/package": "and this (docs/package.md)",
}
"""Commands that can't be run offline, or by a CLI that was built from source."""

FAILS = ("AZURE_SIM_FAULTS", "AZURE_SIM_SUBSCRIPTION")
"""Commands with these in them have to fail."""

NEW_BACKEND = "pulumi stack init"
"""A block with this in it begins on a backend and a cloud of its own."""

PROGRAMS = ("az", "kubectl", "kubelogin", *stand_in.FREE)


COLD = ("README.md",)
"""Pages whose commands start Python as users do, not warm (tests/engine/warm)."""


@dataclass(frozen=True)
class Workshop:
    """A copy of the project, in which a page's commands are run."""

    directory: Path
    cloud: SimulatedCloud
    stack: str
    variables: Mapping[str, str]
    """What its warm processes find in their environment; empty if it has none."""

    def environment(self) -> dict[str, str]:
        environment = {**self.cloud.environment(), **self.variables}
        python = self.directory / ".venv" / "bin"
        path = os.pathsep.join(map(str, [self.directory / "bin", python, environment["PATH"]]))
        home = str(self.directory / "home")
        return environment | {
            "AKS_NETWORK_PYTHON": str(python / "python"),
            "PATH": path,
            "HOME": home,
            "PULUMI_STACK": self.stack,
            "PULUMI_SKIP_CONFIRMATIONS": "true",
            "BASE": "HEAD",
        }

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        environment = self.environment()
        if NEW_BACKEND in script:
            del environment["PULUMI_STACK"]
            for name in ("backend", "cloud"):
                (self.directory / "new" / name).mkdir(parents=True, exist_ok=True)
            environment["PULUMI_BACKEND_URL"] = (self.directory / "new" / "backend").as_uri()
            environment["AZURE_SIM_STATE"] = str(self.directory / "new" / "cloud")
        return subprocess.run(
            ["bash", "-o", "pipefail", "-c", script],
            cwd=self.directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )


class Workshops:
    """Makes a workshop for one page after the other, all of them in one place.

    Warm processes have imported the modules of that place.
    """

    def __init__(self, engine: Engine, root: Path, warm: ExitStack) -> None:
        self._engine = engine
        self._root = root
        self._warm = warm
        self._variables: dict[str, str] = {}
        self._directory = root / "project"

    def open(self, page: str) -> Workshop:
        """A copy of the project with the page's stack deployed, unless the page begins before."""
        stack = STACK_OF.get(page, "dev")
        if page in COLD:
            return self._copy("new", stack)
        return self._copy("warm" if page in NOT_DEPLOYED else stack, stack)

    def _copy(self, template: str, stack: str) -> Workshop:
        """The workshop as the template has it; the template is made once, from the one before."""
        kept = self._root / template
        warm = template != "new"
        if kept.exists():
            shutil.rmtree(self._directory, ignore_errors=True)
            shutil.copytree(kept, self._directory, symlinks=True)
        elif warm:
            self._copy("new" if template == "warm" else "warm", stack)
        if warm and not self._variables:
            self._start()
        engine = replace(self._engine, directory=self._root / "engine") if warm else self._engine
        cloud = SimulatedCloud(self._directory / ".local", engine, self._directory)
        made = Workshop(self._directory, cloud, stack, self._variables if warm else {})
        if not kept.exists():
            {"new": self._fill, "warm": self._warm_up}.get(template, self._deploy)(made)
            shutil.copytree(self._directory, kept, symlinks=True)
        return made

    def _start(self) -> None:
        """Start warm processes with the modules of the copy."""
        directory = self._root / "engine"
        directory.mkdir()
        put_engine(self._engine, directory)
        self._variables = variables(self._engine, directory)
        self._warm.enter_context(warm_servers(directory, self._directory))

    def _fill(self, made: Workshop) -> None:
        left_out = shutil.ignore_patterns(".venv", ".local", ".git", "__pycache__", ".*_cache")
        shutil.copytree(ROOT, made.directory, ignore=left_out, symlinks=True)
        (made.directory / ".venv").symlink_to(Path(sys.prefix))
        _put_stand_ins(made.directory / "bin")
        # One file of many objects is quick to copy.
        commit = "git -c user.name=a -c user.email=a@b commit -qm a"
        _prepare(made, f"git init -q . && git add -A && {commit} && git repack -adq")
        _prepare(made, "mkdir -p ~/.ssh && ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_ed25519")
        (made.directory / "myapp.pfx").write_bytes(base64.b64decode(PFX))
        _prepare(made, "echo 'T3stPassword!9' > password.txt")

    def _warm_up(self, made: Workshop) -> None:
        """Replace the Python environment by one of links, with an interpreter that is warm."""
        environment = made.directory / ".venv"
        environment.unlink()
        for directory in (environment, environment / "bin"):
            directory.mkdir()
            for entry in Path(sys.prefix, directory.relative_to(environment)).iterdir():
                if entry.name != "bin":
                    (directory / entry.name).symlink_to(entry)
        for name in ("python", "python3"):
            (environment / "bin" / name).unlink()
            put_interpreter(environment / "bin" / name)
        keep_no_logs(made.cloud.home)

    def _deploy(self, made: Workshop) -> None:
        _prepare(made, f"make up STACK={made.stack}")
        # What make keeps beside the committed file is what an operator's stack file holds.
        own = made.cloud.stack_file(made.stack)
        shutil.copy(own, made.directory / own.name)


def _prepare(made: Workshop, script: str) -> None:
    ready = made.run(script)
    assert ready.returncode == 0, f"{script}\n{ready.stdout[-2000:]}\n{ready.stderr[-2000:]}"


def _put_stand_ins(directory: Path) -> None:
    directory.mkdir()
    for program in PROGRAMS:
        file = directory / program
        file.write_text(
            f'#!/bin/sh\nexec "{sys.executable}" "{stand_in.__file__}" {program} "$@"\n'
        )
        file.chmod(0o755)


@pytest.fixture(scope="session")
def workshops(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshops]:
    with ExitStack() as warm:
        yield Workshops(engine, tmp_path_factory.mktemp("pages"), warm)


def filled_in(command: str, made: Workshop) -> str:
    """The command as a reader types it: what stands in angle brackets is the stack's own."""
    words = {
        "<node>": "aks-apps-12345678-vmss000000",
        "<node-debugger-pod>": "node-debugger-aks-apps-12345678-vmss000000-abcde",
        "<pool>": "apps",
        "<node address>": "10.20.0.4",
        "<the URN that Pulumi named>": f"urn:pulumi:{made.stack}::{PROJECT}::pulumi:pulumi:Stack"
        f"::{PROJECT}-{made.stack}",
    }
    for word, value in words.items():
        command = command.replace(word, value)
    for name, value in (
        made.cloud.outputs(made.stack).items() if re.search(r"<\w+>|\$\{outputs", command) else ()
    ):
        command = command.replace(f"<{name}>", str(value)).replace(
            f"${{outputs.{name}}}", f"'{value}'"
        )
    return command


def as_run(command: str) -> str | None:
    """What of a command is run; None for what can't be."""
    plain = re.split(r"\s+#", command)[0].strip()
    if plain in NOT_HERE:
        return None
    target = re.match(r"make \S+", plain)
    if target and target[0] in TOO_LONG:
        return plain.replace("make", "make --dry-run", 1)
    return command


def steps(page: str, made: Workshop) -> Iterator[tuple[pages.Block, str, list[tuple[int, str]]]]:
    """Each block as a script that says the status of each of its commands."""
    for block in pages.blocks(page):
        lines: list[str] = []
        ran: list[tuple[int, str]] = []
        for number, command in block.commands:
            script = as_run(filled_in(command, made))
            if script is not None:
                ran.append((number, script))
                lines.append(f'{script}\necho "@@ {len(ran) - 1} $?" >&2')
        yield block, "\n".join(lines), ran


@pytest.mark.xdist_group("pages")
@pytest.mark.parametrize("page", [page for page in pages.PAGES if pages.blocks(page)])
def test_every_command_of_a_page_runs(page: str, workshops: Workshops):
    made = workshops.open(page)
    for _, script, ran in steps(page, made):
        answer = made.run(script)
        status = dict(re.findall(r"^@@ (\d+) (\d+)$", answer.stderr, re.MULTILINE))
        for position, (number, command) in enumerate(ran):
            has_to_fail = any(mark in command for mark in FAILS)
            found = status.get(str(position))
            said = f"{answer.stdout[-3000:]}\n{answer.stderr[-3000:]}"
            assert found is not None, f"{page}:{number}: {command} ended the shell:\n{said}"
            assert (found != "0") == has_to_fail, f"{page}:{number}: {command} ({found}):\n{said}"


def test_what_is_not_run_is_on_a_page():
    commands = {
        re.split(r"\s+#", command)[0].strip()
        for page in pages.PAGES
        for block in pages.blocks(page)
        for _, command in block.commands
    }
    assert set(NOT_HERE) <= commands
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {name.removeprefix("make ") for name in TOO_LONG} <= targets


def test_commands_of_pulumi_in_the_prose_exist(engine):
    named = {
        command.split()[1]
        for page in pages.PAGES
        for command in pages.inline_commands(page)
        if re.match(r"pulumi [a-z]", command)
    }
    assert named
    answer = subprocess.run([engine.pulumi, "help"], capture_output=True, text=True, check=True)
    assert named <= set(re.findall(r"^ +([a-z-]+) ", answer.stdout, re.MULTILINE))
