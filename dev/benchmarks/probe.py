"""Runs the program inside a Pulumi run, and records its progress and the modules that it loads.

A benchmark puts `PROGRAM` into a project of its own. The record goes as JSON to the file that the
environment names; see `Notes`. This module imports nothing that the program does not import.
"""

from __future__ import annotations

import atexit
import json
import os
import runpy
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi

from support.repository import ROOT

RECORD = "AKS_NETWORK_PROBE"

PROGRAM = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from dev.benchmarks.probe import watch
watch()
"""

STARTED, IMPORTED, CONFIGURED, LOADED, REGISTERED, ANSWERED = (
    "the interpreter starts and imports Pulumi's SDK",
    "the program's own modules are imported",
    "the configuration is read and checked, the addresses are planned",
    "azure-native's SDK is imported; the provider starts meanwhile",
    "all resources are registered with Pulumi's SDK",
    "the engine and the providers answer for every resource",
)
"""What has happened at each mark, in this order."""


@dataclass(frozen=True)
class Notes:
    """The record of a run."""

    marks: dict[str, tuple[float, float]]
    """Time of day and CPU seconds of this process, by mark."""
    modules: list[str]
    """The loaded modules, in the order of their loading."""

    @classmethod
    def read(cls, file: Path) -> Notes:
        found = json.loads(file.read_text())
        marks = {name: (float(when), float(cpu)) for name, (when, cpu) in found["marks"].items()}
        return cls(marks, found["modules"])


def watch() -> None:
    """Run the repository's program and record it."""
    marks: dict[str, tuple[float, float]] = {}

    def mark(name: str) -> None:
        marks[name] = (time.time(), time.process_time())

    def marked(function: Callable[..., Any], name: str) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            answer = function(*arguments)
            mark(name)
            return answer

        return call

    def run(main: Callable[[], Any]) -> None:
        """Replaces `pulumi.run`, the last call of the program."""
        mark(IMPORTED)
        names = main.__globals__
        names["configuration"] = marked(names["configuration"], CONFIGURED)
        names["sdk"].load = marked(names["sdk"].load, LOADED)

        async def observed() -> None:
            await main()
            mark(REGISTERED)

        take(observed)

    @atexit.register
    def answer() -> None:
        mark(ANSWERED)
        lazy = {name for name, it in sys.modules.items() if type(it).__name__ == "_LazyModule"}
        modules = [name for name in sys.modules if name not in lazy]
        text = json.dumps({"marks": marks, "modules": modules})
        Path(os.environ[RECORD]).write_text(text, encoding="utf-8")

    mark(STARTED)
    take, pulumi.run = pulumi.run, run
    try:
        runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__")
    finally:
        pulumi.run = take
