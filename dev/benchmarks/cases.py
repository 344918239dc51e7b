"""The previews to measure: stacks of the program, and programs that only import modules."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from cli import pulumi_cli
from cli.simulated.workspace import PROJECT, SimulatedCloud
from dev.benchmarks import probe, processes
from dev.benchmarks.processes import Usage
from support.repository import ROOT

SDKS = ("pulumi", "pulumi_azure_native", "pulumi_kubernetes")

_FLOOR = """
import importlib, sys
for name in {names!r}:
    module = importlib.import_module(name)
    # The SDK imports some of its modules at the first access.
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

LARGE = "aks-network:kubernetes"
"""The setting that may be large."""

_CONFIGURED = f"""
import json, os, runpy, sys
from pathlib import Path
config = json.loads(os.environ["PULUMI_CONFIG"])
large = json.loads(Path(__file__).with_name("large.json").read_text())
config |= {{key: json.dumps(value) for key, value in large.items()}}
os.environ["PULUMI_CONFIG"] = json.dumps(config)
sys.path.insert(0, {str(ROOT)!r})
runpy.run_path({str(ROOT / "__main__.py")!r}, run_name="__main__")
"""


@dataclass
class Case:
    """A program and its stack on a cloud of its own, with nothing deployed."""

    name: str
    cloud: SimulatedCloud
    stack: str
    usages: list[Usage] = field(default_factory=list[Usage])

    def preview(self, **environment: str) -> Usage:
        """Run a preview, the whole command."""
        command = self.cloud.command("preview", self.stack, "--non-interactive")
        return processes.run(command, {**self.cloud.environment(), **environment})


def stack(directory: Path, name: str) -> Case:
    """A committed stack of the program."""
    return _case(directory / name, name, ROOT / f"Pulumi.{name}.yaml", ROOT)


def configured(directory: Path, name: str, config: Mapping[str, Any]) -> Case:
    """The program with a configuration of the benchmark, of any size.

    Pulumi passes the configuration in one environment variable, which Linux limits to 128 KiB. The
    program reads the large part from a file instead.
    """
    project = directory / name
    project.mkdir()
    shutil.copy(ROOT / "Pulumi.yaml", project)
    (project / "__main__.py").write_text(_CONFIGURED)
    (project / "large.json").write_text(json.dumps({LARGE: config[LARGE]}))
    committed = directory / f"Pulumi.{name}.yaml"
    small = {key: value for key, value in config.items() if key != LARGE}
    committed.write_text(yaml.safe_dump({"config": small}, sort_keys=False))
    return _case(project / "local", name, committed, project)


def watched(directory: Path, name: str) -> tuple[Case, Path]:
    """A stack of the program inside the probe, and the file of its record."""
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
    cloud = SimulatedCloud(root, pulumi_cli.obtain(), program)
    cloud.prepare(stack_name, committed)
    return Case(name or stack_name, cloud, stack_name)
