"""The result of an audit as text for a terminal, and the tables of the documentation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from analysis.audit.documented import Requirement
from analysis.audit.evaluate import AuditResult, Finding
from analysis.audit.rules import Rule


def render(result: AuditResult, rules: Iterable[Rule]) -> str:
    """All findings, the accepted violations, and a summary in the last line."""
    lines = [str(finding) for finding in result.findings]
    lines += [
        f"{one}: matches no violation of this stack; remove it, or the stack from its stacks"
        for one in result.unused
    ]
    if result.accepted:
        lines += ["", "Accepted violations, with reasons:"]
        lines += [f"  {text}" for text in _accepted(result.accepted)]
    count = len(list(rules))
    total = "passed" if result.passed else f"{len(result.findings)} findings"
    if result.unused:
        total += f", {len(result.unused)} exceptions without a violation"
    return "\n".join(
        [*lines, "", f"{count} rules: {total}, {len(result.accepted)} accepted"]
    ).lstrip()


def _accepted(findings: Iterable[Finding]) -> Iterable[str]:
    def by(finding: Finding) -> tuple[str, str]:
        return finding.rule.id, finding.accepted or ""

    for (rule, reason), group in groupby(sorted(findings, key=by), key=by):
        names = ", ".join(dict.fromkeys(finding.resource.name for finding in group))
        yield f"{rule} {names} — {reason}"


def rules_table(rules: Iterable[Rule]) -> str:
    """The rules as a Markdown table."""
    rows = [f"| {r.id} | {r.severity} | {r.title} | {r.source} |" for r in rules]
    return "\n".join(["| rule | severity | requirement | source |", "|---|---|---|---|", *rows])


def checkov_table(explained: Mapping[str, str]) -> str:
    """The accepted checks of checkov with their reasons, as a Markdown table."""
    rows = [f"| {identifier} | {reason} |" for identifier, reason in explained.items()]
    return "\n".join(["| check | why it is accepted |", "|---|---|", *rows])


def requirements_table(requirements: Iterable[Requirement]) -> str:
    """The violations that Azure's documentation requires, as a Markdown table."""
    rows = [f"| {r.rule} | {r.type} | {r.feature} | {r.reason} |" for r in requirements]
    return "\n".join(
        ["| rule | resource type | required for | reason |", "|---|---|---|---|", *rows]
    )
