"""The workflows' jobs and shell steps, read from their YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
AZURE = [ROOT / "azure-pipelines.yml", *sorted((ROOT / "pipelines").glob("*.yml"))]


@dataclass(frozen=True)
class Shell:
    """A step's script, with the environment that the file gives it."""

    file: str
    job: str
    script: str
    environment: dict[str, str]

    @property
    def name(self) -> str:
        return f"{self.file}: {self.job}: {self.script.splitlines()[-1].strip()}"


def load(file: Path) -> dict[str, Any]:
    document = yaml.safe_load(file.read_text())
    # YAML 1.1 takes the key `on` for true.
    return {"on" if key is True else key: value for key, value in document.items()}


def jobs(file: Path) -> dict[str, Any]:
    return load(file)["jobs"]


def github_shells() -> Iterator[Shell]:
    for file in WORKFLOWS:
        for name, job in jobs(file).items():
            for step in job.get("steps", ()):
                if "run" in step:
                    environment = {**job.get("env", {}), **step.get("env", {})}
                    yield Shell(file.name, name, step["run"], environment)


def azure_shells() -> Iterator[Shell]:
    for file in AZURE:
        for job, step in _steps(load(file), ""):
            script = step.get("bash") or step.get("inputs", {}).get("inlineScript")
            if script:
                yield Shell(file.name, job, script, step.get("env", {}))


def _steps(part: Any, job: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """All steps of Azure Pipelines, wherever templates have them."""
    if isinstance(part, list):
        for one in part:
            yield from _steps(one, job)
    elif isinstance(part, dict):
        job = str(part.get("job") or part.get("deployment") or job)
        if {"bash", "task"} & set(part):
            yield job, part
        for one in part.values():
            yield from _steps(one, job)


def used_actions() -> Iterator[tuple[str, str, str]]:
    """Each `uses:` line: the file, the action with its reference, and the comment behind it."""
    files = [*WORKFLOWS, *(ROOT / ".github" / "actions").glob("*/action.yml")]
    for file in files:
        found = re.findall(r"^\s*(?:- )?uses: (\S+)(?: # (\S+))?$", file.read_text(), re.MULTILINE)
        yield from ((file.name, action, comment) for action, comment in found)
