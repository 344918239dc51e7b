"""Starts the servers, and provides an engine and a simulated cloud that use them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cli.pulumi_cli import LANGUAGE_HOST, LANGUAGE_HOST_SCRIPT, Engine
from cli.simulated.workspace import SimulatedCloud
from support.repository import ROOT
from tests.engine.warm.client import SERVERS
from tests.engine.warm.server import REAL_SCRIPT

CLIENT = Path(__file__).with_name("client.py")
PROVIDER_PYTHON = "provider-python"


@dataclass(frozen=True)
class WarmCloud(SimulatedCloud):
    """A simulated cloud with warm providers, for an engine of `warm_engine`.

    The engine writes the state at the end of a run only, not after each step.
    """

    def environment(self) -> dict[str, str]:
        return super().environment() | {
            "AKS_NETWORK_PYTHON": str(self.engine.directory / PROVIDER_PYTHON),
            "PULUMI_SKIP_CHECKPOINTS": "true",
        }


@contextmanager
def warm_engine(engine: Engine, directory: Path) -> Iterator[Engine]:
    """The engine with a language host that starts programs warm, while the context is open.

    `directory` must be empty; it takes the engine and the servers' sockets.
    """
    host = engine.pulumi.resolve().parent / LANGUAGE_HOST
    if not host.exists():
        host = Path(shutil.which(LANGUAGE_HOST) or host)
    (directory / "pulumi").symlink_to(engine.pulumi)
    # The host starts the script beside itself, where symbolic links end.
    shutil.copy(host, directory / LANGUAGE_HOST)
    shutil.copy(CLIENT, directory / LANGUAGE_HOST_SCRIPT)
    python = directory / PROVIDER_PYTHON
    python.write_text(f"#!{sys.executable} -SE\n{CLIENT.read_text()}")
    python.chmod(0o755)
    real_script = host.resolve().with_name(LANGUAGE_HOST_SCRIPT)
    os.environ |= {SERVERS: str(directory), REAL_SCRIPT: str(real_script)}
    with ExitStack() as servers:
        running = [
            servers.enter_context(_server(directory / name)) for name in ("preview", "deployment")
        ]
        for server in running:
            assert server.stdout
            assert server.stdout.readline() == "ready\n"
        yield replace(engine, directory=directory)


@contextmanager
def _server(place: Path) -> Iterator[subprocess.Popen[str]]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"PYTHONDONTWRITEBYTECODE", "PYTHONHASHSEED"}
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.engine.warm.server", str(place)],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield server
    finally:
        server.communicate()  # closes its standard input
