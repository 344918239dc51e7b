"""Starts the servers, and provides an engine and a simulated cloud that use them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cli import stack_file
from cli.console import Failure
from cli.pulumi_cli import LANGUAGE_HOST, LANGUAGE_HOST_SCRIPT, Engine
from cli.self_signed import hosts_of
from cli.simulated.workspace import SimulatedCloud
from support.repository import ROOT
from tests.engine.warm.client import REAL_SCRIPT, SERVERS
from tests.engine.warm.vault import ADDRESS, SECRETS_PROVIDER, vault
from tests.helpers.once import once

CLIENT = Path(__file__).with_name("client.py")
PROVIDER_PYTHON = "provider-python"
TEMPLATE = "prepared-template"
"""The name of the stack in a copy of which a new stack begins."""


@dataclass(frozen=True)
class WarmCloud(SimulatedCloud):
    """A simulated cloud with warm providers, for an engine of `warm_engine`.

    A new stack begins as a copy of one that was prepared before, with the same made-up values and
    a secrets provider that takes no time.
    """

    checkpoints: bool = False
    """Whether the engine writes the state after each step, not only at the end of a run."""

    def environment(self) -> dict[str, str]:
        saving = {} if self.checkpoints else {"PULUMI_SKIP_CHECKPOINTS": "true"}
        python = str(self.engine.directory / PROVIDER_PYTHON)
        return super().environment() | saving | {"AKS_NETWORK_PYTHON": python}

    def prepare(self, stack: str, committed: Path) -> None:
        keep_no_logs(self.home)
        if not self.backend.exists() and (name := _template(committed)):
            prepared = once(name, lambda root: self._prepare_template(root, committed))
            _copy_stack(prepared, self.root, stack)
        super().prepare(stack, committed)

    def _prepare_template(self, root: Path, committed: Path) -> None:
        """Prepare a stack that holds the values that a run makes up."""
        _copy_stack(once("prepared", self._prepare_empty), root, TEMPLATE)
        keep_no_logs(root / "home")
        SimulatedCloud(root, self.engine).prepare(TEMPLATE, committed)

    def _prepare_empty(self, root: Path) -> None:
        """Prepare a stack without values."""
        keep_no_logs(root / "home")
        committed = root / "empty.yaml"
        committed.touch()
        cloud = SimulatedCloud(root, self.engine)
        cloud.prepare(TEMPLATE, committed)
        cloud._pulumi("stack", "change-secrets-provider", "--stack", TEMPLATE, SECRETS_PROVIDER)


def _copy_stack(prepared: Path, root: Path, stack: str) -> None:
    """Copy a prepared stack to another workspace, under another name."""
    for file in (*prepared.glob("backend/.pulumi/**/*.*"), *prepared.glob("stacks/*")):
        copy = root / str(file.relative_to(prepared)).replace(TEMPLATE, stack)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(file.read_text().replace(TEMPLATE, stack))


def _template(committed: Path) -> str:
    """What a prepared stack depends on, as a name; empty where the stack can't be prepared."""
    try:
        config, missing = stack_file.as_committed(committed)
    except Failure:
        return ""
    text = json.dumps([missing, hosts_of(config)])
    return f"prepared-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def keep_no_logs(home: Path) -> None:
    """Let the engine find no directory for its logs: to encrypt them takes half a second a run."""
    home.mkdir(parents=True, exist_ok=True)
    logs = home / "logs"
    if not logs.exists():
        logs.touch()


@contextmanager
def warm_engine(engine: Engine, directory: Path) -> Iterator[Engine]:
    """The engine with a language host that starts programs warm, while the context is open.

    `directory` must be empty; it takes the engine and the servers' sockets.
    """
    put_engine(engine, directory)
    os.environ |= variables(engine, directory)
    with vault() as address, warm_servers(directory, ROOT):
        os.environ[ADDRESS] = address
        yield replace(engine, directory=directory)


def put_engine(engine: Engine, directory: Path) -> None:
    """Put the engine, its language host and an interpreter for providers into `directory`."""
    (directory / "pulumi").symlink_to(engine.pulumi)
    # The host starts the script beside itself, where symbolic links end.
    shutil.copy(_language_host(engine), directory / LANGUAGE_HOST)
    shutil.copy(CLIENT, directory / LANGUAGE_HOST_SCRIPT)
    put_interpreter(directory / PROVIDER_PYTHON)


def put_interpreter(place: Path) -> None:
    """Put an interpreter that has a server fork its processes."""
    place.write_text(f"#!{sys.executable} -SE\n{CLIENT.read_text()}")
    place.chmod(0o755)


def variables(engine: Engine, directory: Path) -> dict[str, str]:
    """What clients find in their environment; `directory` has the servers' sockets."""
    real_script = _language_host(engine).resolve().with_name(LANGUAGE_HOST_SCRIPT)
    return {SERVERS: str(directory), REAL_SCRIPT: str(real_script)}


def _language_host(engine: Engine) -> Path:
    beside = engine.pulumi.resolve().parent / LANGUAGE_HOST
    return beside if beside.exists() else Path(shutil.which(LANGUAGE_HOST) or beside)


@contextmanager
def warm_servers(directory: Path, root: Path) -> Iterator[None]:
    """Servers with the modules of the repository `root`, while the context is open."""
    with ExitStack() as servers:
        running = [
            servers.enter_context(_server(directory / name, root))
            for name in ("preview", "deployment")
        ]
        for server in running:
            assert server.stdout
            assert server.stdout.readline() == "ready\n"
        yield


@contextmanager
def _server(place: Path, root: Path) -> Iterator[subprocess.Popen[str]]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"PYTHONDONTWRITEBYTECODE", "PYTHONHASHSEED"}
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.engine.warm.server", str(place)],
        cwd=root,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield server
    finally:
        server.communicate()  # closes its standard input
