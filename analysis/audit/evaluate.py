"""Evaluates the rules on a stack's state, and applies what is accepted to the findings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from analysis.audit.documented import REQUIREMENTS
from analysis.audit.exceptions import AuditException
from analysis.audit.rules import RULES, SEVERITIES, Rule
from analysis.stack_state import Json, Resource, State


@dataclass(frozen=True)
class Finding:
    """A resource that violates a rule."""

    rule: Rule
    resource: Resource
    detail: str
    """What is wrong with the resource, such as `networkPolicy is none`."""
    accepted: str | None = None
    """Why the violation is accepted, or None."""
    expired: AuditException | None = None
    """An exception that accepted the violation until it expired."""

    def __str__(self) -> str:
        place = (
            f"{self.rule.id} {self.rule.severity}: {self.resource.kind} {self.resource.name}"
            f" — {self.detail}"
        )
        if self.accepted:
            return f"{place} — accepted: {self.accepted}"
        if self.expired:
            renew = "fix it, or give the exception a later date and a reason that still holds"
            return f"{place} — {self.expired} expired on {self.expired.expires}: {renew}"
        return f"{place} — {self.rule.remedy}"


@dataclass(frozen=True)
class AuditResult:
    """The outcome of an audit."""

    findings: tuple[Finding, ...]
    """Violations that nobody accepts, most severe first."""
    accepted: tuple[Finding, ...]
    """Accepted violations: required by Azure's documentation, or an exception of the stack's."""
    unused: tuple[AuditException, ...]
    """Exceptions of this stack that match no violation and must be removed."""

    @property
    def passed(self) -> bool:
        return not self.findings and not self.unused


def audit(
    resources: Sequence[Json],
    stack: str = "",
    *,
    rules: Iterable[Rule] = RULES,
    exceptions: Iterable[AuditException] = (),
    today: dt.date | None = None,
) -> AuditResult:
    """Evaluate the rules on `deployment.resources` of an export of the named stack.

    `today` is the day on which exceptions must not have expired; by default it is the current one.
    Raises ValueError if the stack is not deployed.
    """
    state = State.from_export(resources)
    today = today or dt.datetime.now(tz=dt.UTC).date()
    applicable = [one for one in exceptions if stack in one.stacks]
    found: list[Finding] = []
    used: set[AuditException] = set()
    for rule in rules:
        for resource, detail in rule.check(state):
            required = _requirement(rule, state, resource, detail)
            matching = [one for one in applicable if one.accepts(rule.id, resource, detail)]
            if required is None:
                used.update(matching)
            found.append(_finding(Finding(rule, resource, detail, required), matching, today))
    found.sort(key=_severity)
    return AuditResult(
        findings=tuple(one for one in found if not one.accepted),
        accepted=tuple(one for one in found if one.accepted),
        unused=tuple(one for one in applicable if one not in used),
    )


def _requirement(rule: Rule, state: State, resource: Resource, detail: str) -> str | None:
    """Why Azure's documentation requires a violation; None if it does not."""
    for one in REQUIREMENTS:
        if one.accepts(rule.id, state, resource, detail):
            return f"required for {one.feature}: {one.reason}"
    return None


def _finding(finding: Finding, matching: Sequence[AuditException], today: dt.date) -> Finding:
    """A finding with the exception that accepts it, or that has expired."""
    if finding.accepted or not matching:
        return finding
    for one in matching:
        if not one.has_expired(today):
            return replace(finding, accepted=f"until {one.expires}: {one.reason}")
    return replace(finding, expired=matching[0])


def _severity(finding: Finding) -> tuple[int, str, str]:
    """Sort key: most severe first, then by rule and resource."""
    rule = finding.rule
    return SEVERITIES.index(rule.severity), rule.id, finding.resource.name
