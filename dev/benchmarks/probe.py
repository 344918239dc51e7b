"""Runs the program from inside a Pulumi run and notes when it has come how far, and what it loaded.

A benchmark puts `PROGRAM` into a project of its own. What it notes goes to the file that the
environment names, as JSON; see `Notes`. Nothing is imported here that the program does not import.
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

ANSWER = "AKS_NETWORK_PROBE"

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

"""What has happened when each mark is set, in this order."""


@dataclass(frozen=True)
class Notes:
    """What the probe noted."""

    marks: dict[str, tuple[float, float]]
    """Time of day and processor seconds of this process, by mark."""
    modules: list[str]
    """The modules that were loaded, in the order in which they were."""

    @classmethod
    def read(cls, file: Path) -> Notes:
        found = json.loads(file.read_text())
        marks = {name: (float(when), float(cpu)) for name, (when, cpu) in found["marks"].items()}
        return cls(marks, found["modules"])


def watch() -> None:
    """Run the repository's program, noting."""
    marks: dict[str, tuple[float, float]] = {}

    def note(name: str) -> None:
        marks[name] = (time.time(), time.process_time())

    def noted(function: Callable[..., Any], name: str) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            answer = function(*arguments)
            note(name)
            return answer

        return call

    def run(main: Callable[[], Any]) -> None:
        """In the place of `pulumi.run`, which the program ends with."""
        note(IMPORTED)
        names = main.__globals__
        names["configuration"] = noted(names["configuration"], CONFIGURED)
        names["sdk"].load = noted(names["sdk"].load, LOADED)

        async def observed() -> None:
            await main()
            note(REGISTERED)

        take(observed)

    @atexit.register
    def answer() -> None:
        note(ANSWERED)
        lazy = {name for name, it in sys.modules.items() if type(it).__name__ == "_LazyModule"}
        modules = [name for name in sys.modules if name not in lazy]
        text = json.dumps({"marks": marks, "modules": modules})
        Path(os.environ[ANSWER]).write_text(text, encoding="utf-8")

    note(STARTED)
    take, pulumi.run = pulumi.run, run
    try:
        runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__")
    finally:
        pulumi.run = take
