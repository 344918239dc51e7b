"""A pytest plugin that notes which tests make which rules refuse or warn, and which tests fail.

`python -m pytest -p tests.simulator.fired …` writes {"met": {rule: [tests]}, "failed": [tests]} to
the file that RULES_FIRED names. With RULES_CODES=changed every code but `BadRequest`, which tells
nothing, is another one: tests that name the right one then fail.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path

import pytest

from simulator.azure import catalog
from simulator.azure.model import Request
from simulator.azure.rules import RULES, Refusal, Rule

UNPUBLISHED = "BadRequest"
"""The code of rules for which Azure's own is not known."""

_fired: dict[str, set[str]] = defaultdict(set)
_failed: set[str] = set()
_running = ""
_apply = Rule.apply


def _noting(self: Rule, request: Request) -> Refusal | None:
    found = _apply(self, request)
    if found is not None:
        _fired[self.name].add(_running)
    return found


def pytest_configure() -> None:
    Rule.apply = _noting
    if os.environ.get("RULES_CODES") == "changed":
        catalog.by_token()  # Every module registers its rules.
        for row in RULES:
            if row.code not in ("", UNPUBLISHED):
                object.__setattr__(row, "code", f"Not{row.code}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    global _running  # noqa: PLW0603 - hooks of a plugin share nothing else
    _running = item.nodeid
    return (yield)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed:
        _failed.add(report.nodeid)


def pytest_sessionfinish() -> None:
    met = {rule: sorted(tests) for rule, tests in sorted(_fired.items())}
    table = {"met": met, "failed": sorted(_failed)}
    Path(os.environ["RULES_FIRED"]).write_text(json.dumps(table))
