"""Previews to measure: stacks of the program, and programs that only import."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from benchmarks import probe, processes
from benchmarks.processes import Usage
from tools import engine as engines
from tools.local import PROJECT, ROOT, SimulatedCloud

SDKS = ("pulumi", "pulumi_azure_native", "pulumi_kubernetes")

_FLOOR = """
import importlib, sys
for name in {names!r}:
    module = importlib.import_module(name)
    # The SDK imports some of its modules when they are first looked into.
    getattr(module, "anything", None)
missing = [name for name in {names!r} if name not in sys.modules]
if missing:
    sys.exit(f"the floor lacks {{missing}}")
"""
_WITHOUT_COLLECTOR = """
import atexit, gc
gc.disable()
atexit.register(gc.freeze)
"""


@dataclass
class Case:
    """A program and its stack, on a cloud of its own, not deployed."""

    name: str
    cloud: SimulatedCloud
    stack: str
    usages: list[Usage] = field(default_factory=list[Usage])

    def preview(self, **environment: str) -> Usage:
        """Preview once, the whole command."""
        command = self.cloud.command("preview", self.stack, "--non-interactive")
        return processes.run(command, {**self.cloud.environment(), **environment})


def stack(directory: Path, name: str) -> Case:
    """A stack of the program as it is committed."""
    return _case(directory / name, name, ROOT / f"Pulumi.{name}.yaml", ROOT)


def configured(directory: Path, name: str, config: Mapping[str, Any]) -> Case:
    """The program with a configuration of the benchmark's own."""
    committed = directory / f"Pulumi.{name}.yaml"
    committed.write_text(yaml.safe_dump({"config": dict(config)}, sort_keys=False))
    return _case(directory / name, name, committed, ROOT)


def watched(directory: Path, name: str) -> tuple[Case, Path]:
    """A stack of the program inside the probe, and where that leaves its notes."""
    project = directory / f"{name}-watched"
    project.mkdir()
    shutil.copy(ROOT / "Pulumi.yaml", project)
    (project / "__main__.py").write_text(probe.PROGRAM)
    case = _case(project / "local", name, ROOT / f"Pulumi.{name}.yaml", project)
    return case, project / "notes.json"


def floor(directory: Path, name: str, modules: Sequence[str], *, collect: bool) -> Case:
    """A program that imports these modules and registers nothing."""
    project = directory / name.replace(" ", "-").replace(",", "")
    project.mkdir()
    (project / "Pulumi.yaml").write_text(f"name: {PROJECT}\nruntime: python\n")
    text = _FLOOR.format(names=list(modules))
    (project / "__main__.py").write_text(text if collect else _WITHOUT_COLLECTOR + text)
    committed = project / "Pulumi.floor.yaml"
    committed.write_text(yaml.safe_dump({"config": {}}))
    return _case(project / "local", "floor", committed, project, name)


def _case(
    root: Path, stack_name: str, committed: Path, program: Path, name: str | None = None
) -> Case:
    cloud = SimulatedCloud(root, engines.obtain(), program)
    cloud.prepare(stack_name, committed)
    return Case(name or stack_name, cloud, stack_name)
