"""The results of a benchmark: titles, sentences and tables, as Markdown."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version

_PACKAGES = ("pulumi", "pulumi-azure-native", "pulumi-kubernetes", "pydantic", "grpcio")


@dataclass
class Table:
    """Rows below a header; the first column has words, the others have figures."""

    header: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list[Sequence[str]])

    def __str__(self) -> str:
        cells = [self.header, *self.rows]
        widths = [max(len(row[column]) for row in cells) for column in range(len(self.header))]
        rule = ["-" * widths[0], *(f"{'-' * (width - 1)}:" for width in widths[1:])]
        lines = (
            "| " + " | ".join(self._padded(row, widths)) + " |"
            for row in (self.header, rule, *self.rows)
        )
        return "\n".join(lines)

    @staticmethod
    def _padded(row: Sequence[str], widths: Sequence[int]) -> list[str]:
        first = row[0].ljust(widths[0])
        return [first, *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))]


@dataclass
class Section:
    """The results of one benchmark: its command, and sentences and tables in order."""

    title: str
    command: str
    parts: list[str | Table] = field(default_factory=list[str | Table])

    def __str__(self) -> str:
        body = [f"## {self.title}", f"`{self.command}`", *map(str, self.parts)]
        return "\n\n".join(body)


def machine() -> str:
    """The machine, its load and the versions, on which the figures depend."""
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores ({_processor()}), {platform.system()} {platform.machine()}, "
        f"load {load:.1f} before the first run; Python {platform.python_version()}, {versions}"
    )


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123 - not a regular file
            names = [line.partition(":")[2].strip() for line in file if "model name" in line]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or "unknown processor"


def spread(values: Sequence[float], digits: int = 2) -> str:
    """The median with the smallest and the largest: `2.61 (2.55 to 2.80)`."""
    ordered = sorted(values)
    half = len(ordered) // 2
    middle = (ordered[half] + ordered[-half - 1]) / 2
    if len(ordered) == 1:
        return f"{middle:.{digits}f}"
    return f"{middle:.{digits}f} ({ordered[0]:.{digits}f} to {ordered[-1]:.{digits}f})"
