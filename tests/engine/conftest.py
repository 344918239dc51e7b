"""Fixtures of the tests that run under the real Pulumi engine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli import pulumi_cli
from cli.console import Failure
from cli.pulumi_cli import Engine
from cli.simulated.fixture import fixture_of, load_fixture
from cli.simulated.workspace import SimulatedCloud
from simulator.azure.cloud import Cloud
from simulator.store import JournalStore
from support.repository import ROOT
from tests.engine.harness import Deployment
from tests.engine.warm.start import WarmCloud, warm_engine
from tests.helpers.once import once

Deploy = Callable[..., Deployment]

PIP_LIST = ROOT / "tests" / "helpers" / "pip_list"

RENDERED = "rendered"
"""Where, below `tmp_path`, a stack's rendered Kubernetes objects are."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.engine)


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The Pulumi CLI. Without one these tests fail: skipping them would hide what they prove."""
    try:
        return pulumi_cli.obtain()
    except Failure as failure:
        pytest.fail(f"the Pulumi engine can't be had: {failure}")


@pytest.fixture(scope="session", autouse=True)
def quick_start() -> Iterator[None]:
    """Spares each of the engine's processes what takes time and changes nothing.

    The language host gets pip's answer from the run's first one, and the engine, which lives for
    seconds, collects garbage less often.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AKS_NETWORK_PIP_LIST", str(once("pip-list", ask_pip)))
        path = os.environ.get("PYTHONPATH")
        patch.setenv("PYTHONPATH", os.pathsep.join([str(PIP_LIST), *([path] if path else [])]))
        patch.setenv("GOGC", "400")
        yield


def ask_pip(answer: Path) -> None:
    """Write what pip lists, as `tests/helpers/pip_list` answers with it."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "list", "-v", "--format", "json"],
        capture_output=True,
        text=True,
        check=True,
    )
    answer.write_text(f"{os.path.realpath(sys.prefix)}\n{listed.stdout}")


@pytest.fixture(scope="session")
def warm(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The Pulumi CLI with Python processes that start with everything imported."""
    with warm_engine(engine, tmp_path_factory.mktemp("warm")) as found:
        yield found


@pytest.fixture
def cloud(
    request: pytest.FixtureRequest, warm: Engine, tmp_path: Path
) -> Callable[[Path], SimulatedCloud]:
    """A simulated cloud of the test's own, for a program; see the mark `checkpoints`."""
    checkpoints = request.node.get_closest_marker("checkpoints") is not None
    return partial(WarmCloud, tmp_path / "local", warm, checkpoints=checkpoints)


@pytest.fixture
def deploy(cloud: Callable[[Path], SimulatedCloud], tmp_path: Path) -> Deploy:
    """Prepares a stack: `deploy("dev")`, or `deploy("mine", {"aks-network:network": {…}})`.

    A stack that is committed is taken as it is, with `settings` put over its top-level keys; only
    what it renders goes to `tmp_path`. Nothing has run when it returns.
    """

    def prepare(
        stack: str, settings: Mapping[str, Any] | None = None, *, program: Path = ROOT
    ) -> Deployment:
        committed = tmp_path / f"Pulumi.{stack}.yaml"
        source = program / committed.name
        config: dict[str, Any] = {}
        if source.exists():
            config = yaml.safe_load(source.read_text())["config"]
        config |= settings or {}
        kubernetes = config.get("aks-network:kubernetes", {})
        if kubernetes.get("delivery") == "render":
            kubernetes["renderDirectory"] = str(tmp_path / RENDERED)
        committed.write_text(yaml.safe_dump({"config": config}, sort_keys=False))
        return Deployment(cloud(program), stack, committed)

    return prepare


@pytest.fixture
def deploy_file(deploy: Deploy) -> Callable[[Path], Deployment]:
    """Prepares the stack of a stack file, with what others have in the cloud already."""

    def prepare(file: Path) -> Deployment:
        deployment = deploy(file.stem, yaml.safe_load(file.read_text())["config"])
        load_fixture(Cloud(JournalStore(deployment.cloud.state)), fixture_of(file))
        return deployment

    return prepare
