"""The report for the terminal: each finding on a line, wrapped to the width."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from rich.text import Text

from cli.doctor.findings import Finding, Result
from cli.doctor.run import Group
from support.tables import PLAIN, UNLIMITED, Terminal, paragraph
from support.tables import render as draw

_SHORT = 40
"""Details of this length or shorter share a line."""
_MARK = {
    Result.OK: "ok",
    Result.WARNING: "warning",
    Result.FAILED: "FAILED",
    Result.UNCHECKED: "unchecked",
}
_STYLE = {
    Result.OK: "green",
    Result.WARNING: "yellow",
    Result.FAILED: "bold red",
    Result.UNCHECKED: "cyan",
}
_MARK_WIDTH = max(map(len, _MARK.values()))


def render(groups: Sequence[Group], where: Terminal = PLAIN) -> str:
    """The whole report."""
    titles = [len(finding.title) for group in groups for finding in group.findings]
    # A wider column would leave too little room for the details.
    column = min(max(titles, default=0), where.width // 3)
    lines: list[str] = []
    reported: dict[tuple[str, str], str] = {}
    for group in groups:
        lines.append(_styled(Text(group.title, "bold"), where))
        for finding in _merged(_without_repetition(group.findings, reported)):
            lines += _lines(finding, where, column)
        lines.append("")
    counts = Counter(finding.result for group in groups for finding in group.findings)
    lines.append(", ".join(f"{counts[result]} {result}" for result in Result))
    return "\n".join(lines)


def _lines(finding: Finding, where: Terminal, column: int) -> Iterator[str]:
    indent = " " * (2 + _MARK_WIDTH + 2)
    room = replace(where, width=where.width - len(indent) - column - 2)
    details = paragraph(finding.detail, room).splitlines() or [""]
    mark = Text.assemble("  ", (_MARK[finding.result].ljust(_MARK_WIDTH), _STYLE[finding.result]))
    # The details of a long title begin below it.
    beside = "" if len(finding.title) > column else f"  {details.pop(0)}"
    yield _styled(mark.append(f"  {finding.title.ljust(column)}{beside}"), where)
    yield from (f"{indent}{' ' * column}  {line}" for line in details)
    if finding.remedy:
        # Further to the left, because users copy commands.
        yield paragraph(f"-> {finding.remedy}", where, indent=indent, hanging=f"{indent}   ")


def _styled(line: Text, where: Terminal) -> str:
    return draw(line, replace(where, width=UNLIMITED))


def _without_repetition(
    findings: Iterable[Finding], reported: dict[tuple[str, str], str]
) -> Iterator[Finding]:
    """What keeps several checks from running is reported once; `reported` has the first title."""
    for finding in findings:
        if finding.result in {Result.OK, Result.WARNING}:
            yield finding
            continue
        first = reported.setdefault((finding.detail, finding.remedy), finding.title)
        same = first != finding.title and finding.result == Result.UNCHECKED
        yield (
            replace(finding, detail=f"for the same reason as {first}", remedy="")
            if same
            else finding
        )


def _merged(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Several good findings of one title in a row become one line, if they are short."""
    for (title, result), run in groupby(findings, key=lambda item: (item.title, item.result)):
        group = list(run)
        short = all(len(finding.detail) <= _SHORT for finding in group)
        if result == Result.OK and len(group) > 1 and short:
            yield Finding(title, result, ", ".join(finding.detail for finding in group))
        else:
            yield from group
