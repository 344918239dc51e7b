"""A pytest plugin that notes which tests make which rules refuse or warn.

`python -m pytest -p tests.simulator.fired …` writes {rule: [tests]} to the file that RULES_FIRED
names.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path

import pytest

from simulator.azure.request import Request
from simulator.azure.rules import Refusal, Rule

_fired: dict[str, set[str]] = defaultdict(set)
_running = ""
_apply = Rule.apply


def _noting(self: Rule, request: Request) -> Refusal | None:
    found = _apply(self, request)
    if found is not None:
        _fired[self.name].add(_running)
    return found


def pytest_configure() -> None:
    Rule.apply = _noting


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    global _running  # noqa: PLW0603 - hooks of a plugin share nothing else
    _running = item.nodeid
    return (yield)


def pytest_sessionfinish() -> None:
    table = {rule: sorted(tests) for rule, tests in sorted(_fired.items())}
    Path(os.environ["RULES_FIRED"]).write_text(json.dumps(table))
