"""The pages that users read, and the commands on them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from support.repository import ROOT

PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "Pulumi.README.md",
    *(file.relative_to(ROOT).as_posix() for file in sorted(ROOT.glob("docs/*.md"))),
)
_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A block of code."""

    page: str
    language: str
    line: int
    """Line of its first command on the page."""
    text: str

    @property
    def commands(self) -> Iterator[tuple[int, str]]:
        """Its commands with their lines on the page; a backslash joins lines."""
        start, parts = self.line, list[str]()
        for number, line in enumerate(self.text.splitlines(), self.line):
            if not parts:
                start = number
            parts.append(line)
            if not line.endswith("\\"):
                command = "\n".join(parts).strip()
                parts = []
                if command and not command.startswith("#"):
                    yield start, command


def text(page: str) -> str:
    return (ROOT / page).read_text()


def blocks(page: str, language: str = "sh") -> list[Block]:
    """The page's blocks of a language, in order."""
    whole = text(page)
    found: list[Block] = []
    for match in _FENCE.finditer(whole):
        indent, kind, code = match.groups()
        line = whole.count("\n", 0, match.start(3)) + 1
        plain = "".join(row.removeprefix(indent) for row in code.splitlines(keepends=True))
        found.append(Block(page, kind, line, plain))
    return [block for block in found if block.language == language]


def prose(page: str) -> str:
    """The page without its blocks of code."""
    return _FENCE.sub("", text(page))


def links(page: str) -> Iterator[tuple[Path, str]]:
    """The page's links to files here: the file, and the heading in it or an empty text."""
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        yield ((ROOT / page).parent / path if path else ROOT / page).resolve(), anchor


def anchors(page: Path) -> set[str]:
    """What links to headings of the page are called, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", _FENCE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def inline_commands(page: str) -> list[str]:
    """What the page's prose calls by a command line, in backticks."""
    return [code for code in re.findall(r"`([^`]+)`", prose(page)) if re.match(r"[a-z]+ ", code)]
