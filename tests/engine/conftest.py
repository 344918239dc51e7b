"""Fixtures of the tests that run under the real Pulumi engine."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.engine.harness import Deployment
from tools import engine as engines
from tools.console import Failure
from tools.engine import Engine
from tools.local import ROOT, SimulatedCloud

Deploy = Callable[..., Deployment]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.engine)


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The Pulumi CLI. Without one these tests fail: skipping them would hide what they prove."""
    try:
        return engines.obtain()
    except Failure as failure:
        pytest.fail(f"the Pulumi engine can't be had: {failure}")


@pytest.fixture
def deploy(engine: Engine, tmp_path: Path) -> Deploy:
    """Prepares a stack: `deploy("dev")`, or `deploy("mine", {"aks-network:network": {…}})`.

    A stack that is committed is taken as it is, with `settings` put over its top-level keys.
    Nothing has run when it returns.
    """

    def prepare(
        stack: str, settings: Mapping[str, Any] | None = None, *, program: Path = ROOT
    ) -> Deployment:
        committed = tmp_path / f"Pulumi.{stack}.yaml"
        source = program / committed.name
        if source.exists():
            shutil.copyfile(source, committed)
        else:
            committed.write_text(yaml.safe_dump({"config": {}}))
        deployment = Deployment(
            SimulatedCloud(tmp_path / "local", engine, program), stack, committed
        )
        deployment.change(settings or {})
        return deployment

    return prepare
