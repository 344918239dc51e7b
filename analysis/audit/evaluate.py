"""Holds a stack against the rules, and the exceptions against what was found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch

from analysis.audit.exceptions import EXCEPTIONS, Exemption
from analysis.audit.model import Json, Resource, Stack
from analysis.audit.rules import RULES, Rule


@dataclass(frozen=True)
class Finding:
    """A resource that breaks a rule, and how; `accepted` says why that is put up with."""

    rule: Rule
    resource: Resource
    how: str
    accepted: str | None = None

    def __str__(self) -> str:
        kind = self.resource.type.rpartition(":")[2]
        place = f"{self.rule.id} {self.rule.severity}: {kind} {self.resource.name}"
        if self.accepted:
            return f"{place} — {self.how} — accepted: {self.accepted}"
        return f"{place} — {self.how} — {self.rule.remedy}"


@dataclass(frozen=True)
class Verdict:
    """What came of an audit."""

    findings: tuple[Finding, ...]
    """What is not accepted, the gravest first."""
    accepted: tuple[Finding, ...]
    unused: tuple[Exemption, ...]
    """Exceptions of this stack that nothing needs any more: to be taken off the list."""

    @property
    def clear(self) -> bool:
        return not self.findings and not self.unused


_GRAVITY = ("critical", "high", "medium", "low")


def audit(
    resources: Sequence[Json],
    stack: str = "",
    *,
    rules: Iterable[Rule] = RULES,
    exceptions: Iterable[Exemption] = EXCEPTIONS,
) -> Verdict:
    """Judge `deployment.resources` of an export of the stack of this name.

    Raises ValueError when there is nothing to judge.
    """
    judged = Stack.of(resources)
    own = [one for one in exceptions if stack in one.stacks]
    found: list[Finding] = []
    used: set[Exemption] = set()
    for rule in rules:
        for resource, how in rule.check(judged):
            exemption = next((one for one in own if _covers(one, rule, resource, how)), None)
            if exemption:
                used.add(exemption)
            found.append(Finding(rule, resource, how, exemption.reason if exemption else None))
    found.sort(key=lambda one: (_GRAVITY.index(one.rule.severity), one.rule.id, one.resource.name))
    return Verdict(
        findings=tuple(one for one in found if not one.accepted),
        accepted=tuple(one for one in found if one.accepted),
        unused=tuple(one for one in own if one not in used),
    )


def _covers(exemption: Exemption, rule: Rule, resource: Resource, how: str) -> bool:
    return (
        exemption.rule == rule.id
        and resource.type.endswith(f":{exemption.type}")
        and fnmatch(how, exemption.how)
    )
