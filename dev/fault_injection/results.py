"""What came of the cases, and what they were swept with."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dev.fault_injection.cases import Case, Operation
from support.repository import ROOT

SOURCES = (
    "__main__.py",
    "Pulumi*.yaml",
    "components",
    "examples/*.yaml",
    "simulator",
    "cli/recover",
    "support",
    "dev/fault_injection",
)
"""What a result depends on."""
_NOT_THESE = ("dev/fault_injection/report.py", "dev/fault_injection/__main__.py")


@dataclass(frozen=True)
class Program:
    """What was swept: the sources, in one version."""

    fingerprint: str
    """Of all files that a result depends on."""
    commit: str
    """The commit that was checked out, with `, changed` if the sources were not as it has them."""


@dataclass(frozen=True)
class Result:
    """What came of a case."""

    case: Case
    recovered: bool
    why: str
    """What went wrong, else empty."""
    struck_together: int
    """How many operations were struck in the same run."""
    seconds: float
    """How long the run and the recovery took, of which the case has a share."""
    program: Program
    day: str
    """When the verdict was reached, such as `2026-11-23`."""


def result(
    case: Case, why: str, *, struck_together: int, seconds: float, program: Program
) -> Result:
    """Of today; it is recovered if nothing went wrong."""
    today = datetime.now(UTC).date().isoformat()
    return Result(case, not why, why, struck_together, round(seconds, 1), program, today)


def program(root: Path = ROOT) -> Program:
    """What is checked out at `root`."""
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(root.glob(pattern)):
            for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
                name = file.relative_to(root).as_posix()
                if name not in _NOT_THESE:
                    digest.update(name.encode() + file.read_bytes())
    commit = _git(root, "rev-parse", "--short", "HEAD") or "no commit"
    changed = _git(root, "status", "--porcelain", "--", *SOURCES)
    return Program(digest.hexdigest()[:16], commit + (", changed" if changed else ""))


def _git(root: Path, *arguments: str) -> str:
    try:
        answer = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return ""
    return answer.stdout.strip()


def keep(file: Path, results: Iterable[Result]) -> None:
    """Add the results to the file; once this returns they are on the disk."""
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(asdict(one)) + "\n" for one in results)
    with file.open("ab+") as opened:
        if opened.tell() and not _ends_in_newline(file):
            # A sweep was killed within a line.
            opened.write(b"\n")
        opened.write(lines.encode())
        opened.flush()
        os.fsync(opened.fileno())


def _ends_in_newline(file: Path) -> bool:
    with file.open("rb") as opened:
        opened.seek(-1, os.SEEK_END)
        return opened.read() == b"\n"


def kept(file: Path) -> list[Result]:
    """All results, in the order in which they came; a line that is not whole is left out."""
    if not file.exists():
        return []
    found: list[Result] = []
    for line in file.read_text().splitlines():
        try:
            row: dict[str, Any] = json.loads(line)
        except json.JSONDecodeError:
            continue
        case, version = row.pop("case"), row.pop("program")
        operation = Operation(**case.pop("operation"))
        found.append(
            Result(case=Case(**case, operation=operation), program=Program(**version), **row)
        )
    return found


def latest(results: Iterable[Result], fingerprint: str) -> list[Result]:
    """The last result of each case of one program."""
    found = {one.case: one for one in results if one.program.fingerprint == fingerprint}
    return list(found.values())
