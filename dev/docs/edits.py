"""Finds out what day-2 changes of a stack file do: `python -m dev.docs.edits`.

Deploys each stack once to a simulated cloud, and lets the engine preview each change on a copy.
Changes that Azure may refuse are carried out. `--write` writes docs/edits.md.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any, cast

from cli import pulumi_cli, yaml_text
from cli.command import reports_errors
from cli.console import Failure
from cli.simulated.workspace import SimulatedCloud
from cli.stack_file import committed_file, read
from cli.workspace import capture, export
from dev.docs.edits_table import EDITS, Edit
from support.repository import ROOT
from support.urns import logical_name, type_token

PAGE = ROOT / "docs" / "edits.md"
RENDERED = "rendered"

_VERBS = {
    "replace": "replaces",
    "delete": "deletes",
    "create": "creates",
    "update": "in place",
}
"""Operations of a preview, the most severe first, and their names in the table."""
_PROTECTION = re.compile(r"is protected|marked for protection")
_ADVICE = re.compile(
    r"(?:aks-network|azure-native)\S*: .* — must keep .*: .*, which is protected — (.+)"
)
"""The program's message about a protected setting; the group is its remedy."""


@dataclass(frozen=True)
class Outcome:
    """The outcome of an edit."""

    edit: Edit
    steps: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Operations, each with the names of its resources."""
    refused: str = ""
    """Who refuses the edit and why, empty if nobody does."""
    protected: tuple[str, ...] = ()
    """The resources whose protection stops the edit."""
    advice: tuple[str, ...] = ()
    """What the program advises instead."""


def outcomes(edits: Iterable[Edit], scratch: Path, *, workers: int = 2) -> list[Outcome]:
    """Find out what each edit does; `scratch` is an empty directory.

    Raises `Failure` when a stack without edits can't be deployed.
    """
    chosen = list(edits)

    def outcome(edit: Edit) -> Outcome:
        return deployed[edit.base].outcome(edit)

    def deploy(stack: str) -> _DeployedStack:
        return _DeployedStack.deploy_new(scratch, stack)

    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        stacks = sorted({edit.base for edit in chosen})
        deployed = dict(zip(stacks, pool.map(deploy, stacks), strict=True))
        return list(pool.map(outcome, chosen))


@dataclass(frozen=True)
class _DeployedStack:
    """A stack that is deployed to a simulated cloud of its own."""

    stack: str
    root: Path
    config: dict[str, Any]

    @classmethod
    def deploy_new(cls, scratch: Path, stack: str) -> _DeployedStack:
        result = cls(stack, scratch / stack, read(committed_file(stack, ROOT))["config"])
        result.deploy(result.root, {})
        _ = result.unprotected  # before several threads ask for it
        return result

    def deploy(self, root: Path, settings: Mapping[str, Any]) -> None:
        """Deploy the stack with some settings changed."""
        status, text = self.run(root, settings, "up", "--yes", "--skip-preview")
        if status != 0:
            raise Failure(f"{self.stack} can't be deployed:\n{text}")

    @cached_property
    def unprotected(self) -> Path:
        """A copy in which nothing is protected."""
        copy = self.root.with_name(f"{self.root.name}-unprotected")
        shutil.copytree(self.root, copy, symlinks=True)
        SimulatedCloud(copy, pulumi_cli.obtain()).unprotect(self.stack)
        return copy

    @cached_property
    def protected_names(self) -> frozenset[str]:
        """The names of the protected resources."""
        resources = export(SimulatedCloud(self.root, pulumi_cli.obtain()), self.stack)["resources"]
        return frozenset(logical_name(item["urn"]) for item in resources if item.get("protect"))

    def after(self, first: Mapping[str, Any], root: Path) -> _DeployedStack:
        """A copy in `root`, deployed with the settings that an edit begins with."""
        shutil.copytree(self.unprotected, root, symlinks=True)
        self.deploy(root, {**first, "aks-network:protect": False})
        self.deploy(root, first)
        return _DeployedStack(self.stack, root, self.config)

    def outcome(self, edit: Edit) -> Outcome:
        """What one edit does, on copies of the deployed stack."""
        with tempfile.TemporaryDirectory(dir=self.root.parent) as directory:
            before = self.after(edit.first, Path(directory, "before")) if edit.first else self
            protects = edit.settings.get("aks-network:protect")
            copy = Path(directory, "unprotected")
            shutil.copytree(before.root if protects else before.unprotected, copy, symlinks=True)
            settings = {"aks-network:protect": False, **edit.settings}
            status, text = self.run(copy, settings, "preview", "--json")
            if status != 0:
                return Outcome(edit, refused=_refusal(text))
            steps = _steps(text)
            if edit.carried_out:
                status, text = self.run(copy, settings, "up", "--yes", "--skip-preview")
                if status != 0:
                    return Outcome(edit, steps, refused=_refusal(text))
            if not {"replace", "delete"} & set(steps):
                return Outcome(edit, steps)
            protected = Path(directory, "protected")
            shutil.copytree(before.root, protected, symlinks=True)
            status, text = self.run(protected, edit.settings, "preview")
            if status == 0 or _PROTECTION.search(text) is None:
                return Outcome(edit, steps)
            advice = tuple(dict.fromkeys(_ADVICE.findall(text)))
            return Outcome(edit, steps, protected=before.among_protected(steps), advice=advice)

    def among_protected(self, steps: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
        """The protected resources that the steps would replace or delete."""
        lost = [name for operation in ("replace", "delete") for name in steps.get(operation, ())]
        return tuple(
            sorted(name for name in lost if name.partition(" ")[2] in self.protected_names)
        )

    def run(
        self, root: Path, settings: Mapping[str, Any], command: str, *arguments: str
    ) -> tuple[int, str]:
        """Run a Pulumi command on the stack with some settings changed."""
        cloud = SimulatedCloud(root, pulumi_cli.obtain())
        committed = root / "committed" / f"Pulumi.{self.stack}.yaml"
        committed.parent.mkdir(parents=True, exist_ok=True)
        config = changed(self.config, settings)
        if config["aks-network:kubernetes"]["delivery"] == "render":
            config["aks-network:kubernetes"]["renderDirectory"] = str(root / RENDERED)
        committed.write_text(yaml_text.write({"config": config}))
        cloud.prepare(self.stack, committed)
        result = capture(cloud, command, self.stack, "--non-interactive", *arguments)
        return result.returncode, result.stdout + result.stderr


def changed(config: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a configuration with the settings at their paths; None removes a setting."""
    copy: dict[str, Any] = json.loads(json.dumps(config))
    for path, value in settings.items():
        *parents, last = re.findall(r"[^.\[\]]+(?::[^.\[\]]+)?", path)
        target: Any = copy
        for key in parents:
            if isinstance(target, dict) and key not in target:
                target[key] = {}
            target = cast("Any", target[int(key) if isinstance(target, list) else key])
        if isinstance(target, list):
            entries = cast("list[Any]", target)
            if value is None:
                del entries[int(last)]
            elif int(last) == len(entries):
                entries.append(value)
            else:
                entries[int(last)] = value
        elif value is None:
            target.pop(last, None)
        else:
            target[last] = value
    return copy


def _steps(text: str) -> dict[str, tuple[str, ...]]:
    """The resources of a preview by operation, each with its type and its name."""
    steps = [step for step in _document(text)["steps"] if step["op"] in _VERBS]
    found: dict[str, list[str]] = {}
    for step in steps:
        name, token = logical_name(step["urn"]), type_token(step["urn"])
        if not token.startswith(("pulumi:", "aks-network:")):
            found.setdefault(step["op"], []).append(f"{token.rpartition(':')[2]} {name}")
    return {operation: tuple(sorted(names)) for operation, names in found.items()}


def _document(text: str) -> dict[str, Any]:
    """The JSON document in the output of a preview, which plugins print to as well."""
    return json.JSONDecoder().raw_decode(text[text.index("{") :])[0]


def _refusal(text: str) -> str:
    """Who refused the edit and why, on one line."""
    text = text.replace("\\n", "\n")
    if problems := re.findall(r"^\s+(aks-network:\S+: .*? — .*) — .*$", text, re.MULTILINE):
        return f"before anything is registered: {'; '.join(problems)}"
    if codes := re.findall(r'Code="(\w+)"', text):
        return f"by Azure: {', '.join(dict.fromkeys(codes))}"
    return f"by the engine: {text.strip().splitlines()[-1]}"


def describe(outcome: Outcome) -> str:
    """What an edit does, as the table says it."""
    done = [
        f"{_VERBS[operation]}: {_listed(outcome.steps[operation])}"
        for operation in _VERBS
        if operation in outcome.steps
    ]
    if outcome.refused:
        return f"**refused** {outcome.refused}"
    if outcome.protected:
        names = _listed(outcome.protected)
        by = "" if outcome.advice else ", by the engine only"
        done.insert(0, f"**refused by protection** of {names}{by}; without protection")
    return "; ".join(done).replace("without protection;", "without protection") or "nothing"


def _listed(names: Sequence[str]) -> str:
    """The names of resources; a type with more than two of them only as their number."""
    kinds = groupby(names, key=lambda name: name.split()[0])
    return ", ".join(
        f"{len(group)} {kind}" if len(group) > 2 else ", ".join(f"`{name}`" for name in group)  # noqa: PLR2004
        for kind, group in ((kind, list(items)) for kind, items in kinds)
    )


def row(outcome: Outcome) -> str:
    """A row of the table."""
    return f"| {outcome.edit.what} | {describe(outcome)} | {outcome.edit.advice} |"


def page(outcomes: Sequence[Outcome]) -> str:
    """docs/edits.md."""
    rows: list[str] = []
    for group, outcomes_ in groupby(outcomes, key=lambda item: item.edit.group):
        rows += ["", f"## {group}", "", "| change | what happens | advice |", "|---|---|---|"]
        rows += [row(item) for item in outcomes_]
    return "\n".join([INTRODUCTION, *rows, ""])


INTRODUCTION = """# What a change to the stack file does

Before you change a stack file, look up the change here: what happens to the resources, and what to
do instead where it is not safe. For a change that is not listed, run `make preview`.

- *creates*, *deletes*: the change creates or deletes these resources.
- *in place*: the resource stays and is updated.
- *replaces*: the resource is deleted and a new one is created.
- *refused by protection*: production refuses the change, because `aks-network:protect` is on there.
  Nothing is changed.

The tables are about production, `prod`, unless they name another stack. `make edits` writes this
page: it deploys the stacks to the simulated Azure, and the engine previews each change on a copy.
Changes that only Azure can refuse are carried out. The tests repeat a third of the changes and
compare the results with the page.

## How protection works

Before anything is registered, the program compares the settings of a protected stack with its
protected baseline, the settings of the last run, which are stored as a stack output. For each
change that would lose something stateful, it reports the old value, what would be lost, and what
to do instead.

The engine stops the losses that this comparison does not foresee. It reports that a resource
"cannot be deleted", or that it is "unable to replace" it, and asks you to unprotect the resource.
Do that only if you no longer need its contents.

To replace or delete a protected resource on purpose, turn protection off in a separate run first:

```sh
pulumi config set aks-network:protect false && pulumi up     # nothing in Azure changes
pulumi up                                                    # with the change
```

In the run that turns `protect` on again, only the engine protects resources, because the run
before it stored no baseline."""


@reports_errors()
def main(arguments: Sequence[str]) -> int:
    """Find out what every edit does, and print, write or compare the page."""
    parser = argparse.ArgumentParser(prog="python -m dev.docs.edits", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write docs/edits.md")
    parser.add_argument("--check", action="store_true", help="compare with docs/edits.md")
    parser.add_argument("--only", help="only edits whose text contains this")
    options = parser.parse_args(arguments)
    chosen = [edit for edit in EDITS if not options.only or options.only in edit.what]
    with tempfile.TemporaryDirectory() as scratch:
        text = page(outcomes(chosen, Path(scratch)))
    if options.check:
        documented = PAGE.read_text().splitlines()
        missing = [line for line in text.splitlines() if line not in documented]
        print("\n".join(missing) or "docs/edits.md is correct")
        return 1 if missing else 0
    if options.write:
        PAGE.write_text(text)
        print(f"Written: {PAGE.relative_to(ROOT)}")
    else:
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
