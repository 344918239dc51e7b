"""Looks at everything that a deployment needs, before anything is created.

    python -m cli.doctor --stack dev --cloud simulated|azure

Only reads: from Azure by GET and the few POSTs that ask, from Pulumi by commands that change
nothing, from the simulated cloud by its files. Exits with 1 where a deployment would fail.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli import pulumi_cli as engines
from cli import stackfile
from cli.cloud_fixture import conditions, plant, seed_of
from cli.console import Failure, say
from cli.doctor.azure import Azure
from cli.doctor.checks import state as states
from cli.doctor.client import Answers, Request, Response, SignIn, Transport
from cli.doctor.context import Pulumi, Ran, Subject
from cli.doctor.findings import Once, Unanswered
from cli.doctor.planned_resources import NOBODY, planned
from cli.doctor.run import run, status
from cli.doctor.show import render
from cli.doctor.sign_in import Options
from cli.pulumi_cli import Engine
from cli.run import SimulatedCloud
from components.problems import ConfigurationError
from components.settings.load import Configuration, configuration
from simulator.azure.rest import RestApi
from simulator.azure.subscription import Subscription
from simulator.errors import BadSetting
from simulator.store import snapshot
from support.repository import ROOT

SECONDS = 120
"""A reading command of Pulumi's that takes longer waits for something that does not come."""


@dataclass(frozen=True)
class Simulated:
    """A transport to the simulated Azure: its REST API in this process."""

    api: RestApi

    def sign_in(self) -> SignIn:
        cloud = self.api.cloud
        return SignIn(
            method="the simulated Azure",
            tenant=cloud.tenant,
            subscription=cloud.subscription,
            object_id=self.api.object_id,
            is_user=True,
        )

    def send(self, request: Request) -> Response:
        status, body = self.api.answer(
            request.method, request.path, request.query, request.body or {}
        )
        return Response(status, body)


@dataclass(frozen=True)
class Cli:
    """The Pulumi CLI, for reading commands on one stack."""

    engine: Engine | None
    stack: str
    environment: Mapping[str, str]
    directory: Path | None
    """Of the project; None where no stack can be there yet."""

    def run(self, *command: str, discard: bool = False) -> Ran:
        if not any(command[: len(words)] == words for words in states.READING):
            message = f"pulumi {' '.join(command)} is not among the commands that only read"
            raise ValueError(message)
        if self.engine is None:
            raise Unanswered("there is no Pulumi CLI", "see Pulumi CLI above")
        of_stack = command[0] in {"stack", "config"}
        if self.directory is None and of_stack:
            return Ran(1, "", f"error: {states.NO_STACK} '{self.stack}' found")
        line = [str(self.engine.pulumi), "--non-interactive", *command]
        line += ["--cwd", str(self.directory or ROOT)]
        line += ["--stack", self.stack] if of_stack else []
        try:
            answer = subprocess.run(
                line,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL if discard else subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Unanswered(
                f"pulumi {command[0]} did not end within {SECONDS} s", "look at the state backend"
            ) from None
        return Ran(answer.returncode, answer.stdout or "", answer.stderr)


def simulated(stack: str, seed: Path) -> tuple[Pulumi, Transport]:
    """Those to ask on the simulated cloud. Nothing below `.local` is written.

    Raises `Failure` where the seed or the environment describes no subscription.
    """
    engine = engines.present()
    local = SimulatedCloud(ROOT / ".local", engine or Engine(ROOT, engines.VERSION))
    try:
        subscription = Subscription.read(conditions(seed), os.environ)
    except BadSetting as error:
        raise Failure(str(error)) from error
    api = RestApi.of(snapshot(local.state), subscription)
    plant(api.cloud, seed)
    there = local.stacks if (local.stacks / "Pulumi.yaml").exists() else None
    return Cli(engine, stack, local.environment(), there), Simulated(api)


def azure(stack: str, options: Options) -> tuple[Pulumi, Transport]:
    """Those to ask with the user's own sign-in."""
    return Cli(engines.present(), stack, os.environ, ROOT), Azure(options)


def examine(stack: str, cloud: str) -> Subject:
    """The stack, and whom to ask about it. Raises `Failure` where there is no such stack."""
    file = stackfile.committed_file(stack, ROOT)
    is_simulated = cloud == "simulated"
    config, missing = stackfile.as_committed(file)
    options = Options({} if is_simulated else config, {} if is_simulated else os.environ)
    pulumi, transport = simulated(stack, seed_of(file)) if is_simulated else azure(stack, options)
    answers = Answers(transport)

    def checked() -> Configuration:
        try:
            return configuration(stackfile.settings_without_engine(file))
        except (ConfigurationError, Failure) as error:
            problems = getattr(error, "problems", ())
            shown = "; ".join(map(str, problems[:3])) or str(error)
            more = f"; {len(problems) - 3} more" if len(problems) > 3 else ""  # noqa: PLR2004
            raise Unanswered(f"{file.name}: {shown}{more}", "make plan shows them all") from None

    settled = Once(checked)

    def resources() -> Any:
        try:
            account = answers.sign_in()
            subscription, tenant = account.subscription, account.tenant
        except Unanswered:
            subscription = tenant = NOBODY
        return planned(settled.get(), subscription, tenant)

    return Subject(
        stack=stack,
        simulated=is_simulated,
        lock_file=ROOT / ("requirements.txt" if is_simulated else "requirements-azure.txt"),
        file=file,
        config=config,
        missing_secrets=tuple(missing),
        options=options,
        checked=settled,
        planned=Once(resources),
        state=Once(lambda: states.read(pulumi)),
        pulumi=pulumi,
        answers=answers,
    )


def main(arguments: Sequence[str]) -> int:
    """Entry point; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m cli.doctor", description=__doc__)
    parser.add_argument("--stack", default="dev")
    parser.add_argument("--cloud", default="simulated", choices=["simulated", "azure"])
    known = parser.parse_args(arguments)
    try:
        subject = examine(known.stack, known.cloud)
    except Failure as failure:
        say(f"error: {failure}")
        return 1
    if known.cloud == "simulated":
        say("The cloud is simulated: what is asked of Azure below is answered on this machine.")
    else:
        say("Asking Azure and the state backend; nothing is changed …")
    # Pulumi's mocks want the main thread's event loop.
    with contextlib.suppress(Unanswered):  # the check of the configuration says why
        subject.planned.get()
    groups = run(subject)
    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size((100, 24)).columns
    print(render(groups, width, colours=terminal and "NO_COLOR" not in os.environ))
    return status(groups)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
