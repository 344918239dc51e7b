"""How many examples Hypothesis tries, when garbage is collected, and who runs what.

Tests of one file run in one process, one after the other, so that they share what is costly to
make; those of the simulator all run in one, where they prove its list of rules. Tests under the
engine are spread one by one, unless they share a deployment (the mark `xdist_group`). They begin
first: some take a minute.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from pulumi.runtime.proto import source_pb2

from tests.helpers.once import open_directory

HERE = Path(__file__).parent
ENGINE = HERE / "engine"
SIMULATOR = HERE / "simulator"

# Few examples in `make test-unit`, all in `make test`; another profile is chosen by
# --hypothesis-profile.
for profile, count in (("quick", 25), ("full", 100)):
    # Time says nothing about a test on a machine with other work.
    settings.register_profile(
        profile,
        max_examples=count,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
settings.load_profile("quick")

# What is imported stays: no collection goes through it again and again.
gc.disable()


def pytest_configure() -> None:
    # Tests that run make must not inherit what `make test ARGS=…` was given.
    for name in (
        "MAKEFLAGS",
        "MFLAGS",
        "MAKEOVERRIDES",
        "MAKELEVEL",
        "ARGS",
        "STACK",
        "CLOUD",
        "BASE",
    ):
        os.environ.pop(name, None)
    open_directory()


@pytest.hookimpl(tryfirst=True)  # xdist reads the marks in its own such hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if ENGINE not in item.path.parents and not item.get_closest_marker("xdist_group"):
            whole = SIMULATOR if SIMULATOR in item.path.parents else item.path
            item.add_marker(pytest.mark.xdist_group(str(whole.relative_to(HERE))))
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    """The engine's tests first; of these, the pages, which one process runs for minutes."""
    if ENGINE not in item.path.parents:
        return 2
    return 0 if item.get_closest_marker("xdist_group") else 1


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def without_stack_traces() -> Iterator[None]:
    """Spares programs under mocks the stack trace that the SDK sends with each resource.

    Nobody reads it there, and with pytest's own frames in it it takes a fifth of a run.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pulumi.runtime.resource._get_stack_trace", source_pb2.StackTrace)
        yield
