"""Notes which rules the tests of this directory meet and which codes they name, while they run.

A test meets a rule where the rule refuses or warns in it. It names the rule's code if it fails once
the rule refuses with another code: a test that passes is run again for each rule that it met and
whose code no test before it named, with that one code changed.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from _pytest.runner import runtestprotocol

from simulator.azure.model import Request
from simulator.azure.rules import RULES, Refusal, Rule

UNPUBLISHED = "BadRequest"
"""The code of rules for which Azure's own is not known: a test that names it shows nothing."""


@dataclass
class Proofs:
    """What the tests of this process have shown so far."""

    met: set[str] = field(default_factory=set[str])
    """Names of the rules that a test met."""
    named: set[str] = field(default_factory=set[str])
    """Names of the rules whose code a test named."""
    ran: set[str] = field(default_factory=set[str])
    """Ids of the tests that ran."""
    _of_this_run: set[str] = field(default_factory=set[str])

    def install(self) -> None:
        """From now on note the rules that refuse or warn."""
        noting = functools.partialmethod(_noting, Rule.apply, self._of_this_run)
        pytest.MonkeyPatch().setattr(Rule, "apply", noting)

    def begin(self) -> None:
        self._of_this_run.clear()

    def end(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """Note what the test met in the run that has ended, and try which codes it names."""
        self.ran.add(item.nodeid)
        met = set(self._of_this_run)
        self.met |= met
        for rule in RULES:
            if rule.name in met - self.named and is_published(rule):
                with _another_code(rule):
                    reports = runtestprotocol(item, log=False, nextitem=nextitem)
                if any(report.failed and report.when == "call" for report in reports):
                    self.named.add(rule.name)


def _noting(
    rule: Rule,
    apply: Callable[[Rule, Request], Refusal | None],
    notes: set[str],
    request: Request,
) -> Refusal | None:
    refusal = apply(rule, request)
    if refusal is not None:
        notes.add(rule.name)
    return refusal


def is_published(rule: Rule) -> bool:
    """Whether the rule refuses with a code that is known to be Azure's own."""
    return rule.code not in ("", UNPUBLISHED)


@contextmanager
def _another_code(rule: Rule) -> Iterator[None]:
    code = rule.code
    object.__setattr__(rule, "code", f"Not{code}")
    try:
        yield
    finally:
        object.__setattr__(rule, "code", code)
