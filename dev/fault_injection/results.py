"""The results of the cases, and the version of the program that they are about."""

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
"""The files that a result depends on."""
_EXCEPT = ("dev/fault_injection/report.py", "dev/fault_injection/__main__.py", "support/tables.py")


@dataclass(frozen=True)
class Program:
    """A version of the program."""

    fingerprint: str
    """Of all files that a result depends on."""
    commit: str
    """The commit that is checked out, with `, changed` if its sources were edited."""


@dataclass(frozen=True)
class Result:
    """The result of a case."""

    case: Case
    recovered: bool
    reason: str
    """Why it was not recovered, else empty."""
    faults_in_run: int
    """How many operations got a fault in the same run."""
    seconds: float
    """Duration of the run and the recovery, for all faults of the run."""
    program: Program
    day: str
    """The day of the result, such as `2026-11-23`."""


def result(
    case: Case, reason: str, *, faults_in_run: int, seconds: float, program: Program
) -> Result:
    """A result of today; the case is recovered if there is no `reason` why not."""
    today = datetime.now(UTC).date().isoformat()
    return Result(case, not reason, reason, faults_in_run, round(seconds, 1), program, today)


def program(root: Path = ROOT) -> Program:
    """The version that is checked out at `root`."""
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(root.glob(pattern)):
            for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
                name = file.relative_to(root).as_posix()
                if name not in _EXCEPT:
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


def append(file: Path, results: Iterable[Result]) -> None:
    """Add the results to the file; they are on the disk when this returns."""
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(asdict(item)) + "\n" for item in results)
    with file.open("ab+") as opened:
        if opened.tell() and not _ends_with_newline(file):
            # A sweep was killed while it wrote the last line.
            opened.write(b"\n")
        opened.write(lines.encode())
        opened.flush()
        os.fsync(opened.fileno())


def _ends_with_newline(file: Path) -> bool:
    with file.open("rb") as opened:
        opened.seek(-1, os.SEEK_END)
        return opened.read() == b"\n"


def load(file: Path) -> list[Result]:
    """All results, oldest first; an incomplete line is skipped."""
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
    found = {item.case: item for item in results if item.program.fingerprint == fingerprint}
    return list(found.values())
