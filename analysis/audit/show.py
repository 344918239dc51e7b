"""A verdict as text for a terminal, and the rules as a table for the documentation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from analysis.audit.evaluate import Finding, Verdict
from analysis.audit.exceptions import Exemption
from analysis.audit.rules import Rule


def render(verdict: Verdict, rules: Iterable[Rule]) -> str:
    """Every finding, what is accepted, and a last line that sums up."""
    lines = [str(finding) for finding in verdict.findings]
    lines += [
        f"the exception for {one.rule} on {one.type} is not needed any more: take it off the list "
        "in analysis/audit/exceptions.py"
        for one in verdict.unused
    ]
    if verdict.accepted:
        lines += ["", "Accepted, each with its reason:"]
        lines += [f"  {text}" for text in _accepted(verdict.accepted)]
    count = len(list(rules))
    total = "all clear" if verdict.clear else f"{len(verdict.findings)} findings"
    return "\n".join(
        [*lines, "", f"{count} rules: {total}, {len(verdict.accepted)} accepted"]
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
    """The checks that fail, each with its explanation, as a Markdown table."""
    rows = [f"| {identifier} | {reason} |" for identifier, reason in explained.items()]
    return "\n".join(["| check | why it is accepted |", "|---|---|", *rows])


def exceptions_table(exceptions: Iterable[Exemption]) -> str:
    """The exceptions as a Markdown table."""
    rows = [
        f"| {one.rule} | {', '.join(one.stacks)} | {one.type} | {one.reason} |"
        for one in exceptions
    ]
    return "\n".join(
        ["| rule | stacks and examples | resource type | reason |", "|---|---|---|---|", *rows]
    )
