"""Evaluates the rules on a stack's state, and applies the exemptions to the findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch

from analysis.audit.exemptions import EXEMPTIONS, Exemption
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
    """The reason of the exemption that accepts the violation, or None."""

    def __str__(self) -> str:
        place = (
            f"{self.rule.id} {self.rule.severity}: {self.resource.kind} {self.resource.name}"
            f" — {self.detail}"
        )
        return f"{place} — {f'accepted: {self.accepted}' if self.accepted else self.rule.remedy}"


@dataclass(frozen=True)
class AuditResult:
    """The outcome of an audit."""

    findings: tuple[Finding, ...]
    """Violations without an exemption, most severe first."""
    accepted: tuple[Finding, ...]
    """Violations with an exemption."""
    unused: tuple[Exemption, ...]
    """Exemptions of this stack that match no violation and must be removed."""

    @property
    def passed(self) -> bool:
        return not self.findings and not self.unused


def audit(
    resources: Sequence[Json],
    stack: str = "",
    *,
    rules: Iterable[Rule] = RULES,
    exemptions: Iterable[Exemption] = EXEMPTIONS,
) -> AuditResult:
    """Evaluate the rules on `deployment.resources` of an export of the named stack.

    Raises ValueError if the stack is not deployed.
    """
    state = State.from_export(resources)
    applicable = [one for one in exemptions if stack in one.stacks]
    found: list[Finding] = []
    used: set[Exemption] = set()
    for rule in rules:
        for resource, detail in rule.check(state):
            exemption = next(
                (one for one in applicable if _matches(one, rule, resource, detail)), None
            )
            if exemption:
                used.add(exemption)
            found.append(Finding(rule, resource, detail, exemption.reason if exemption else None))
    found.sort(key=_severity)
    return AuditResult(
        findings=tuple(one for one in found if not one.accepted),
        accepted=tuple(one for one in found if one.accepted),
        unused=tuple(one for one in applicable if one not in used),
    )


def _severity(finding: Finding) -> tuple[int, str, str]:
    """Sort key: most severe first, then by rule and resource."""
    rule = finding.rule
    return SEVERITIES.index(rule.severity), rule.id, finding.resource.name


def _matches(exemption: Exemption, rule: Rule, resource: Resource, detail: str) -> bool:
    return (
        exemption.rule == rule.id
        and exemption.type == resource.kind
        and fnmatch(detail, exemption.detail)
    )
