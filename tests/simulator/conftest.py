"""Fixtures: a subscription, a provider, and the proof that the tests here meet every rule."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from simulator import clock
from simulator.azure.provider import AzureNative
from tests.simulator.engine import Engine
from tests.simulator.rule_proofs import Proofs
from tests.simulator.subscription import Subscription

HERE = Path(__file__).parent


@pytest.fixture
def provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AzureNative:
    """A provider with a cloud of its own, in an empty directory."""
    monkeypatch.setenv("AZURE_SIM_STATE", str(tmp_path))
    made = AzureNative()
    made.configure({"location": "westeurope"})
    return made


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Starts a provider with settings: `engine(AZURE_SIM_FAULTS="…")`."""
    monkeypatch.setenv("AZURE_SIM_STATE", str(tmp_path))
    monkeypatch.setenv("AZURE_SIM_RUN", "test")
    monkeypatch.setattr(clock, "IDLE_SECONDS", 0.01)  # No engine thinks here.

    def start(**settings: str) -> Engine:
        for name in ("TIME_SCALE", "FAULTS", "THROTTLING"):
            monkeypatch.delenv(f"AZURE_SIM_{name}", raising=False)
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        Subscription(AzureNative().cloud)
        return Engine(tmp_path)

    return start


@pytest.fixture
def azure() -> Subscription:
    return Subscription()


_PROOFS = Proofs()
_PROOFS.install()
_left_out: list[pytest.Item] = []


def _is_here(item: pytest.Item) -> bool:
    return HERE in item.path.parents


def _looks_at_proofs(item: pytest.Item) -> bool:
    return _is_here(item) and "proofs" in getattr(item, "fixturenames", ())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, object, object]:
    _PROOFS.begin()
    done = yield
    _PROOFS.end(item, nextitem)
    return done


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run those tests last that look at what the others met."""
    items.sort(key=_looks_at_proofs)


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    _left_out.extend(filter(_is_here, items))


@pytest.fixture
def proofs(request: pytest.FixtureRequest) -> Proofs:
    """What all other tests here have shown."""
    collected = [item for item in request.session.items if _is_here(item)]
    if _left_out or {*HERE.glob("test_*.py")} - {item.path for item in collected}:
        pytest.skip("not all tests of tests/simulator were asked for")
    others = {item.nodeid for item in collected if not _looks_at_proofs(item)}
    assert others - _PROOFS.ran == set(), "run them in one process: --dist=loadgroup"
    return _PROOFS
