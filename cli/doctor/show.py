"""The report for the terminal: each finding on a line, wrapped to the width."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from cli.doctor.findings import Finding, Result
from cli.doctor.run import Group

MIN_WIDTH, MAX_WIDTH = 60, 120
_SHORT = 40
_MARK = {
    Result.OK: "ok",
    Result.WARNING: "warning",
    Result.FAILED: "FAILED",
    Result.UNCHECKED: "unchecked",
}
_COLOUR = {
    Result.OK: "32",
    Result.WARNING: "33",
    Result.FAILED: "1;31",
    Result.UNCHECKED: "36",
}
_MARK_WIDTH = max(map(len, _MARK.values()))


def render(groups: Sequence[Group], width: int, *, colours: bool) -> str:
    """The whole report; `width` in characters, kept within what can be read."""
    width = min(max(width, MIN_WIDTH), MAX_WIDTH)
    titles = [len(one.title) for group in groups for one in group.findings]
    # Beside a longer subject there would be no room for what was found.
    column = min(max(titles, default=0), width // 3)
    lines: list[str] = []
    told: dict[tuple[str, str], str] = {}
    for group in groups:
        lines += [
            group.title,
            *_lines(_once(group.findings, told), width, column, colours=colours),
            "",
        ]
    counts = Counter(finding.result for group in groups for finding in group.findings)
    lines.append(", ".join(f"{counts[result]} {result}" for result in Result))
    return "\n".join(lines)


def _lines(findings: Iterable[Finding], width: int, column: int, *, colours: bool) -> Iterator[str]:
    for one in _merged(findings):
        mark = _MARK[one.result].ljust(_MARK_WIDTH)
        shown = f"\033[{_COLOUR[one.result]}m{mark}\033[0m" if colours else mark
        indent = " " * (2 + _MARK_WIDTH + 2)
        texts = _wrapped(one.detail, "", width - len(indent) - column - 2)
        if len(one.title) > column:
            yield f"  {shown}  {one.title}"
        else:
            yield f"  {shown}  {one.title.ljust(column)}  {texts.pop(0)}"
        yield from (f"{indent}{' ' * column}  {text}" for text in texts)
        if one.remedy:
            # Further to the left: commands are long, and are to be copied.
            yield from (indent + text for text in _wrapped(one.remedy, "-> ", width - len(indent)))


def _once(findings: Iterable[Finding], told: dict[tuple[str, str], str]) -> Iterator[Finding]:
    """What keeps many checks from being made is told once; `told` holds where."""
    for one in findings:
        if one.result in {Result.OK, Result.WARNING}:
            yield one
            continue
        first = told.setdefault((one.detail, one.remedy), one.title)
        same = first != one.title and one.result == Result.UNCHECKED
        yield replace(one, detail=f"for the same reason as {first}", remedy="") if same else one


def _merged(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Several good findings of one subject in a row are one line, as long as they are short."""
    for (subject, result), run in groupby(findings, key=lambda one: (one.title, one.result)):
        group = list(run)
        short = all(len(one.detail) <= _SHORT for one in group)
        if result == Result.OK and len(group) > 1 and short:
            yield Finding(subject, result, ", ".join(one.detail for one in group))
        else:
            yield from group


def _wrapped(text: str, before: str, width: int) -> list[str]:
    """Lines of the text; what can be copied, such as a path, is never broken at its hyphens."""
    return textwrap.wrap(
        before + text,
        width,
        subsequent_indent=" " * len(before),
        break_on_hyphens=False,
        break_long_words=False,
    ) or [""]
