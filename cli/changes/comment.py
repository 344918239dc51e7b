"""Writes the comment on a pull request: `python cli/changes/comment.py <directory>`.

Reads the reports in the directory and prints Markdown. Standard library only, and it runs nothing
of the pull request: a report may come from a fork, so it is checked and fenced as untrusted data.
"""

from __future__ import annotations

import difflib
import html
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

MARKER = "<!-- aks-network: what this pull request changes -->"
"""First line of the comment, which identifies it among others."""
MAX_CHARACTERS = 65_536
"""The limit of GitHub; that of Azure Repos is higher."""
MAX_REPORT_BYTES = 4_000_000

SIGNS = {"create": "+", "update": "~", "delete": "-", "replace": "±", "read": ">", "import": "="}
"""How a step is shown, by Pulumi's name of the operation."""
DIFF_MARKS = {"+": "+", "-": "-", "~": "!", "±": "!", ">": " ", "=": " "}
"""The first character of a line in a diff, which GitHub colours."""
CLOUDS = {"simulated": "simulated Azure", "azure": "Azure"}
OMITTED = "Omitted because the comment would be too long; the run's artifact has it."


class BadReport(Exception):  # noqa: N818 - the report's defect, not the program's
    """A report that does not have the expected form."""


@dataclass(frozen=True)
class Step:
    """An operation of the preview on a resource."""

    operation: str
    type: str
    name: str
    properties: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """What the commits change in a stack. Texts are the output of commands."""

    stack: str
    cloud: str
    steps: tuple[Step, ...]
    failure: str = ""
    """The output of the command that failed; empty where none did."""
    note: str = ""
    before: Mapping[str, str] = field(default_factory=dict[str, str])
    """Texts at the base, by title, to compare line by line with those `after`."""
    after: Mapping[str, str] = field(default_factory=dict[str, str])
    shown: Mapping[str, str] = field(default_factory=dict[str, str])
    """Texts that the comment shows in full, by title."""
    topology: str = ""
    """A Mermaid flowchart."""

    @classmethod
    def of(cls, text: str) -> Report:
        """Read a report. Raises BadReport with what is wrong."""
        try:
            data: Any = json.loads(text)
        except ValueError as error:
            raise BadReport(f"not JSON: {error}") from None
        if not isinstance(data, dict):
            raise BadReport("not an object")
        of = cast("Mapping[str, Any]", data)
        stack, cloud = _text(of, "stack"), _text(of, "cloud")
        if not re.fullmatch(r"[A-Za-z0-9_.-]{1,100}", stack):
            raise BadReport("stack: not a stack name")
        if cloud not in CLOUDS:
            raise BadReport(f"cloud: not one of {', '.join(CLOUDS)}")
        return cls(
            stack=stack,
            cloud=cloud,
            steps=tuple(_step(row) for row in _list(of, "steps")),
            failure=_text(of, "failure"),
            note=_text(of, "note"),
            before=_texts(of, "before"),
            after=_texts(of, "after"),
            shown=_texts(of, "shown"),
            topology=_text(of, "topology"),
        )


def _text(of: Mapping[str, Any], name: str) -> str:
    value = of.get(name, "")
    if not isinstance(value, str):
        raise BadReport(f"{name}: not a text")
    return value


def _list(of: Mapping[str, Any], name: str) -> list[Any]:
    value = of.get(name, [])
    if not isinstance(value, list):
        raise BadReport(f"{name}: not a list")
    return cast("list[Any]", value)


def _texts(of: Mapping[str, Any], name: str) -> dict[str, str]:
    value = of.get(name, {})
    if not isinstance(value, dict):
        raise BadReport(f"{name}: not an object")
    texts = cast("Mapping[str, Any]", value)
    if not all(re.fullmatch(r"[A-Za-z ]{1,60}", title) for title in texts):
        raise BadReport(f"{name}: a title with other characters than letters and spaces")
    return {title: _text(texts, title) for title in texts}


def _step(row: Any) -> Step:
    if not isinstance(row, dict):
        raise BadReport("steps: not objects")
    of = cast("Mapping[str, Any]", row)
    properties = _list(of, "properties")
    if not all(isinstance(item, str) for item in properties):
        raise BadReport("properties: not texts")
    return Step(
        _one_line(_text(of, "operation")),
        _one_line(_text(of, "type")),
        _one_line(_text(of, "name")),
        tuple(map(_one_line, properties)),
    )


def _one_line(text: str) -> str:
    return " ".join(text.replace("`", "'").split())


@dataclass
class Section:
    """A collapsible part of the comment."""

    title: str
    body: str
    rank: int
    """When the comment is too long, the sections of the highest rank are omitted first."""

    def render(self) -> str:
        summary = f"<summary>{html.escape(self.title)}</summary>"
        return f"<details>{summary}\n\n{self.body}\n\n</details>\n"


def render(reports: Sequence[Report], limit: int = MAX_CHARACTERS) -> str:
    """The comment: a summary for each stack, with folded details, of at most `limit` characters.

    Sections that don't fit are omitted and say so, pictures first and previews last.
    """
    parts: list[str | Section] = [f"{MARKER}\n## What this pull request changes\n"]
    if not reports:
        parts.append("There is no report; see the run.\n")
    for report in sorted(reports, key=lambda item: (item.stack, item.cloud != "azure")):
        parts += [_heading(report), *_sections(report)]
    sections = [part for part in parts if isinstance(part, Section)]
    for section in sorted(sections, key=lambda item: -item.rank):
        if len(_joined(parts)) <= limit:
            break
        section.body = OMITTED
    text = _joined(parts)
    return text if len(text) <= limit else text[: limit - len(OMITTED) - 2] + f"\n\n{OMITTED}"


def _joined(parts: Sequence[str | Section]) -> str:
    return "\n".join(part if isinstance(part, str) else part.render() for part in parts)


def _heading(report: Report) -> str:
    lines = [f"### Stack `{report.stack}` on {CLOUDS[report.cloud]}", "", _summary(report)]
    replaced = [step for step in report.steps if _sign(step) == "±"]
    deleted = [step for step in report.steps if _sign(step) == "-"]
    for word, steps in (("Replaces", replaced), ("Deletes", deleted)):
        if steps:
            shown = ", ".join(f"`{step.type} {step.name}`" for step in steps[:10])
            more = f" and {len(steps) - 10} more" if len(steps) > 10 else ""  # noqa: PLR2004
            lines += ["", f"**{word}** {shown}{more}."]
    if report.note:
        lines += ["", f"`{_one_line(report.note)}`"]
    return "\n".join([*lines, ""])


def _summary(report: Report) -> str:
    if report.failure:
        return "**Failed**; see below."
    if not report.steps:
        return "No changes."
    counts = [
        f"{sum(_sign(step) == sign for step in report.steps)} to {operation}"
        for operation, sign in SIGNS.items()
    ]
    return ", ".join(count for count in counts if not count.startswith("0 ")) + "."


def _sign(step: Step) -> str:
    """The sign of a step; an operation without one of its own counts as an update."""
    return SIGNS.get(step.operation, "~")


def _sections(report: Report) -> list[Section]:
    sections: list[Section] = []
    if report.failure:
        sections.append(Section("Error", _fenced(report.failure), 0))
    if report.steps:
        lines = "\n".join(_line(step) for step in report.steps)
        sections.append(Section(f"Preview: {len(report.steps)} steps", _fenced(lines, "diff"), 1))
    for title, text in report.shown.items():
        before, after = report.before.get(title), report.after.get(title, "")
        if before is not None and before != after:
            diff = _fenced("\n".join(_diff(before, after)), "diff")
            sections.append(Section(f"{title}: what changes", diff, 2))
        state = "unchanged" if before == after else "after the change"
        sections.append(Section(f"{title}: {state}", _fenced(text), 3))
    if report.topology:
        sections.append(Section("Topology", _fenced(report.topology, "mermaid"), 4))
    return sections


def _line(step: Step) -> str:
    sign = _sign(step)
    properties = f"  ({', '.join(step.properties)})" if step.properties else ""
    return f"{DIFF_MARKS[sign]} {step.operation:<8} {step.type}  {step.name}{properties}"


def _diff(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1)
    return list(lines)[2:]


def _fenced(text: str, language: str = "text") -> str:
    """A code block that its content can't end: its fence is longer than any in the text."""
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def _read(file: Path) -> Report:
    if file.stat().st_size > MAX_REPORT_BYTES:
        raise BadReport(f"larger than {MAX_REPORT_BYTES:,} bytes")
    return Report.of(file.read_text(encoding="utf-8"))


def main(arguments: Sequence[str]) -> int:
    """Print the comment for all reports below a directory; bad reports are named and omitted."""
    (directory,) = arguments
    reports: list[Report] = []
    for file in sorted(Path(directory).rglob("*.json")):
        try:
            reports.append(_read(file))
        except (BadReport, UnicodeDecodeError) as error:
            print(f"{file.name} is omitted: {error}", file=sys.stderr)
    print(render(reports))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
