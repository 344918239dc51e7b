"""Runs the program: `python -m cli.run <command> --stack <name> --cloud simulated|azure`.

On the simulated cloud everything that a run reads and writes lies below one directory: a home and
a backend for Pulumi, the cloud's state, and a copy of the stack file. Against Azure nothing is
arranged: the user's CLI runs with the user's sign-in, backend and stack file.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import Any

from analysis.dependency_graph import nodes_of
from cli import outputs_table, stackfile
from cli import pulumi_cli as engines
from cli.cloud_fixture import plant, seed_of
from cli.console import Failure, only_one_at_a_time, say
from cli.pulumi_cli import Engine
from dev.timeline.virtual_engine import long_deletions
from simulator.azure.cloud import Cloud
from simulator.store import JournalStore
from support.repository import ROOT

IN_TWO_STEPS = "--in-two-steps"
"""Of a destruction: first what takes long, all of it side by side, then the rest. In one step
Pulumi deletes by depth in its graph, so that cluster, Bastion and gateway follow each other."""

PROJECT = "aks-network"

PASSPHRASE = "simulated"  # noqa: S105
"""Not a secret: it encrypts throwaway values."""

PLUGINS = {"azure-native": "pulumi-azure-native", "kubernetes": "pulumi-kubernetes"}
"""The provider plugins that the simulated cloud stands in for, and the Python packages that ask for
the provider of their own version."""

SIMULATED_ARGUMENTS = {
    "up": ("--yes", "--skip-preview", "--suppress-outputs"),
    "preview": (),
    "refresh": ("--yes", "--skip-preview", "--suppress-outputs"),
    "destroy": ("--yes", "--skip-preview", "--suppress-outputs"),
}


@dataclass(frozen=True)
class SimulatedCloud:
    """A simulated Azure and all that surrounds it, below the directory `root`."""

    root: Path
    engine: Engine
    program: Path = ROOT
    """The directory of the `Pulumi.yaml` that is run."""

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def backend(self) -> Path:
        return self.root / "backend"

    @property
    def state(self) -> Path:
        """What exists in the cloud; kept by the simulator."""
        return self.root / "cloud"

    @property
    def stacks(self) -> Path:
        return self.root / "stacks"

    def stack_file(self, stack: str) -> Path:
        return self.stacks / f"Pulumi.{stack}.yaml"

    def environment(self) -> dict[str, str]:
        """The environment of Pulumi's processes: nothing of the user's accounts reaches them."""
        theirs = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("ARM_", "AZURE_", "PULUMI_")) or name.startswith("AZURE_SIM_")
        }
        # Without bytecode the Azure SDK is compiled anew at every start, which takes 2 seconds.
        theirs.pop("PYTHONDONTWRITEBYTECODE", None)
        path = [self.engine.directory, Path(sys.executable).parent]
        return {
            **theirs,
            # The language host that is built from source finds the program's Python on PATH only.
            "PATH": os.pathsep.join([*map(str, path), theirs.get("PATH", os.defpath)]),
            "AKS_NETWORK_PYTHON": sys.executable,
            "AZURE_SIM_STATE": str(self.state),
            "KUBECONFIG": os.devnull,
            # Otherwise a file of attributes is written beside each checkpoint, not in one piece:
            # a kill at the wrong moment leaves that empty, and then the stack can't be read.
            "PULUMI_BACKEND_URL": f"{self.backend.as_uri()}?metadata=skip",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
            "PULUMI_HOME": str(self.home),
            "PULUMI_SKIP_UPDATE_CHECK": "1",
        }

    def prepare(self, stack: str, committed: Path) -> None:
        """Make the stack exist, with a local copy of its file that is complete.

        Raises `Failure` as `stackfile.refresh` does, and when Pulumi refuses.
        """
        waiting = "another run prepares the local stack; waiting for it"
        with only_one_at_a_time(self.root / "prepare.lock", waiting):
            for directory in (self.home, self.backend, self.state, self.stacks):
                directory.mkdir(parents=True, exist_ok=True)
            self._install_plugins()
            missing = stackfile.refresh(committed, self.stack_file(stack))
            # `stack init` writes the salt into the stack file of the project it runs in: a project
            # of this name beside the local copies keeps it out of the committed file.
            (self.stacks / "Pulumi.yaml").write_text(f"name: {PROJECT}\nruntime: python\n")
            if not (self.backend / ".pulumi" / "stacks" / PROJECT / f"{stack}.json").exists():
                self._configure("stack", "init", stack, "--no-select")
            if missing:
                arguments = stackfile.make(missing, self.stack_file(stack))
                self._configure("config", "set-all", "--stack", stack, *arguments)
            self._release_lock_of_the_dead(stack)

    def command(self, command: str, stack: str, *extra: str) -> list[str]:
        """A Pulumi command such as `up` or `stack export`, to be run on the stack."""
        line = [str(self.engine.pulumi), *command.split(), "--stack", stack]
        if command in SIMULATED_ARGUMENTS:
            line += ["--cwd", str(self.program), "--config-file", str(self.stack_file(stack))]
        else:
            line += ["--cwd", str(self.stacks)]
        return [*line, *extra]

    def _configure(self, *arguments: str) -> None:
        command = [self.engine.pulumi, "-C", self.stacks, "--non-interactive", *arguments]
        answer = subprocess.run(
            command, env=self.environment(), capture_output=True, text=True, check=False
        )
        if answer.returncode != 0:
            said = answer.stderr.strip() or answer.stdout.strip()
            raise Failure(f"pulumi {' '.join(arguments[:2])}: {said}")

    def _install_plugins(self) -> None:
        """Put the simulator's executables where Pulumi keeps its installed plugins.

        On PATH they would serve as well, but Pulumi warns of each at every step then.
        """
        for plugin, package in PLUGINS.items():
            name = f"pulumi-resource-{plugin}"
            target = ROOT / "simulator" / "bin" / name
            link = self.home / "plugins" / f"resource-{plugin}-v{version(package)}" / name
            if not link.is_symlink() or link.readlink() != target:
                link.parent.mkdir(parents=True, exist_ok=True)
                link.unlink(missing_ok=True)
                link.symlink_to(target)

    def _release_lock_of_the_dead(self, stack: str) -> None:
        """Remove the backend's locks of runs that were killed; a live run keeps its lock."""
        locks = self.backend / ".pulumi" / "locks" / "organization" / PROJECT / stack
        for lock in locks.glob("*.json"):
            holder = json.loads(lock.read_text())
            if holder["hostname"] == socket.gethostname() and not _is_alive(holder["pid"]):
                say(f"the run before this one was killed; releasing its lock on the stack {stack}")
                lock.unlink()

    def run(self, command: str, stack: str, extra: Sequence[str] = ()) -> int:
        """Run a Pulumi command in the foreground; returns its exit status."""
        line = self.command(command, stack, *SIMULATED_ARGUMENTS[command])
        if command == "destroy" and IN_TWO_STEPS in extra:
            export = self.command("stack export", stack)
            return destroy_in_two_steps(line, export, extra, self.environment())
        return run_in_foreground([*line, *extra], self.environment())

    def unprotect(self, stack: str) -> None:
        """Lift the protection of all resources, so that they can be destroyed."""
        self._configure("state", "unprotect", "--all", "--yes", "--stack", stack)

    def outputs(self, stack: str) -> dict[str, object]:
        """The stack's outputs; the values of secrets are masked."""
        answer = subprocess.run(
            [self.engine.pulumi, "-C", self.stacks, "stack", "output", "--json", "--stack", stack],
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode != 0:
            raise Failure(answer.stderr.strip())
        return json.loads(answer.stdout)


def destroy_in_two_steps(
    line: Sequence[str], export: Sequence[str], extra: Sequence[str], environment: dict[str, str]
) -> int:
    """Run a destruction twice, first of what takes long with all that waits for it.

    `line` and `export` are the commands that destroy and that print the state. Returns the exit
    status of the step that failed, else 0.
    """
    rest = [argument for argument in extra if argument != IN_TWO_STEPS]
    answer = subprocess.run(
        export, env=environment, capture_output=True, text=True, check=False, cwd=ROOT
    )
    if answer.returncode != 0:
        raise Failure(answer.stderr.strip())
    deployment: dict[str, Any] = json.loads(answer.stdout)["deployment"]
    if targets := long_deletions(nodes_of(deployment.get("resources") or ())):
        say("First what takes long: " + ", ".join(urn.rsplit("::", 1)[-1] for urn in targets))
        chosen = [argument for urn in targets for argument in ("--target", urn)]
        status = run_in_foreground([*line, *chosen, "--target-dependents", *rest], environment)
        if status != 0:
            return status
        say("Then the rest.")
    return run_in_foreground([*line, *rest], environment)


def run_in_foreground(command: Sequence[str], environment: dict[str, str]) -> int:
    """Run `command` at the project's root until it ends by itself; returns its exit status.

    Signals that ask this process to end are for the command: Pulumi cancels what runs and saves
    its state. A terminal's Ctrl-C reaches it anyway, a signal sent to this process is passed on.
    """
    process: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def wait_for_it(_: int, __: FrameType | None) -> None:
        """Pulumi has had the signal too, and ends this by ending itself."""

    def pass_on(number: int, _: FrameType | None) -> None:
        if process is None:
            early.append(number)
        else:
            process.send_signal(number)

    handlers = {signal.SIGINT: wait_for_it, signal.SIGTERM: pass_on, signal.SIGHUP: pass_on}
    for number, handler in handlers.items():
        # Under nohup a hang-up is ignored on purpose.
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    for number in early:
        process.send_signal(number)
    status = process.wait()
    return status if status >= 0 else 128 - status


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    # What was killed and not yet waited for still takes signals; in a container it may stay so.
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return True
    return status.rpartition(")")[2].split()[0] != "Z"


def run_simulated(command: str, stack: str, extra: Sequence[str]) -> int:
    """Run `command` on the simulated cloud; returns the exit status."""
    cloud = SimulatedCloud(ROOT / ".local", engines.obtain())
    committed = stackfile.committed_file(stack, ROOT)
    cloud.prepare(stack, committed)
    plant(Cloud(JournalStore(cloud.state)), seed_of(committed))
    if command == "outputs":
        print(outputs_table.render(cloud.outputs(stack)))
        return 0
    say(
        "The cloud is simulated: no Azure account is used and nothing leaves this machine. "
        f"State: {cloud.root.relative_to(ROOT)}"
    )
    if command == "destroy":
        say(
            "Resources that the stack protects are unprotected first: this cloud is only simulated."
        )
        cloud.unprotect(stack)
    status = cloud.run(command, stack, extra)
    if command == "up" and status == 0:
        print(f"\n{outputs_table.render(cloud.outputs(stack))}")
    if command in {"up", "destroy"} and status != 0:
        say(f"If a run was interrupted before: make recover STACK={stack}, then again.")
    return status


def run_on_azure(command: str, stack: str, extra: Sequence[str]) -> int:
    """Run `command` against Azure as the user would; returns the exit status."""
    pulumi = engines.obtain().pulumi
    environment = {**os.environ, "VIRTUAL_ENV": str(Path(sys.prefix))}
    path = [
        str(pulumi.parent),
        str(Path(sys.executable).parent),
        os.environ.get("PATH", os.defpath),
    ]
    environment["PATH"] = os.pathsep.join(path)
    if command == "destroy" and IN_TWO_STEPS in extra:
        line, export = (
            [str(pulumi), *words, "--stack", stack] for words in (["destroy"], ["stack", "export"])
        )
        return destroy_in_two_steps(line, export, extra, environment)
    arguments = ["stack", "output"] if command == "outputs" else [command]
    return run_in_foreground([str(pulumi), *arguments, "--stack", stack, *extra], environment)


def main(arguments: Sequence[str]) -> int:
    """Entry point; returns the exit status, which is Pulumi's own."""
    parser = argparse.ArgumentParser(prog="python -m cli.run", description=__doc__)
    parser.add_argument("command", choices=[*SIMULATED_ARGUMENTS, "outputs"])
    parser.add_argument("--stack", default="dev")
    parser.add_argument("--cloud", default="simulated", choices=["simulated", "azure"])
    known, extra = parser.parse_known_args(arguments)
    run = run_on_azure if known.cloud == "azure" else run_simulated
    try:
        return run(known.command, known.stack, extra)
    except Failure as failure:
        say(f"error: {failure}")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
