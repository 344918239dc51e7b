"""What day-2 changes of a stack do, found out on the simulated cloud: `python -m dev.docs.edits`.

Each stack is deployed once; a change is then previewed by the engine on a copy of it, and what
Azure may refuse is carried out on one. `--write` writes docs/edits.md.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, cast

from cli import pulumi_cli, yaml_text
from cli.console import Failure, say
from cli.simulated.workspace import SimulatedCloud
from cli.stack_file import committed_file
from cli.workspace import export
from dev.docs.edits_table import EDITS, Edit
from support.repository import ROOT

PAGE = ROOT / "docs" / "edits.md"
RENDERED = "rendered"

_VERBS = {
    "replace": "replaces",
    "delete": "deletes",
    "create": "creates",
    "update": "in place",
}
"""Operations of a preview, the gravest first, and what the table calls them."""
_PROTECTION = re.compile(r"is protected|marked for protection")
_TOLD = re.compile(r"aks-network\S*: .* — was .*, and another loses .*, which is protected — (.+)")
"""The program's own word on it, which says what to do."""


@dataclass(frozen=True)
class Outcome:
    """What came of one edit."""

    edit: Edit
    steps: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Operations, each with the names of what it concerns."""
    refused: str = ""
    """Who refuses it and why, empty if nobody does."""
    protected: tuple[str, ...] = ()
    """The resources whose protection stops it."""
    told: tuple[str, ...] = ()
    """What the program says to do instead."""


def outcomes(edits: Iterable[Edit], scratch: Path, *, workers: int = 2) -> list[Outcome]:
    """Find out what each edit does; `scratch` is an empty directory.

    Raises `Failure` when a stack itself can't be deployed.
    """
    chosen = list(edits)

    def judge(edit: Edit) -> Outcome:
        return made[edit.base].judge(edit)

    def make(stack: str) -> _Deployed:
        return _Deployed.make(scratch, stack)

    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        stacks = sorted({edit.base for edit in chosen})
        made = dict(zip(stacks, pool.map(make, stacks), strict=True))
        return list(pool.map(judge, chosen))


@dataclass(frozen=True)
class _Deployed:
    """A stack, deployed on a simulated cloud of its own."""

    stack: str
    root: Path
    config: dict[str, Any]

    @classmethod
    def make(cls, scratch: Path, stack: str) -> _Deployed:
        config = yaml_text.read(committed_file(stack, ROOT).read_text())["config"]
        made = cls(stack, scratch / stack, config)
        made.deploy(made.root, {})
        return made

    def deploy(self, root: Path, settings: Mapping[str, Any]) -> None:
        """Bring about the stack with some settings changed."""
        status, text = self.run(root, settings, "up", "--yes", "--skip-preview")
        if status != 0:
            raise Failure(f"{self.stack} can't be deployed:\n{text}")

    def judge(self, edit: Edit) -> Outcome:
        """What one edit does, on copies of what is deployed."""
        with tempfile.TemporaryDirectory(dir=self.root.parent) as directory:
            before, open_ = self.root, Path(directory, "open")
            closed = Path(directory, "closed")
            if edit.first:
                before = Path(directory, "before")
                shutil.copytree(self.root, before, symlinks=True)
                SimulatedCloud(before, pulumi_cli.obtain()).unprotect(self.stack)
                self.deploy(before, {**edit.first, "aks-network:protect": False})
                self.deploy(before, edit.first)
            shutil.copytree(before, open_, symlinks=True)
            settings = {"aks-network:protect": False, **edit.settings}
            if not edit.settings.get("aks-network:protect"):
                SimulatedCloud(open_, pulumi_cli.obtain()).unprotect(self.stack)
            status, text = self.run(open_, settings, "preview", "--json")
            if status != 0:
                return Outcome(edit, refused=_refusal(text))
            steps = _steps(text)
            if edit.carried_out:
                status, text = self.run(open_, settings, "up", "--yes", "--skip-preview")
                if status != 0:
                    return Outcome(edit, steps, refused=_refusal(text))
            if not {"replace", "delete"} & set(steps):
                return Outcome(edit, steps)
            shutil.copytree(before, closed, symlinks=True)
            status, text = self.run(closed, edit.settings, "preview")
            if status == 0 or _PROTECTION.search(text) is None:
                return Outcome(edit, steps)
            told = tuple(dict.fromkeys(_TOLD.findall(text)))
            return Outcome(edit, steps, protected=self._protected(before, steps), told=told)

    def _protected(self, root: Path, steps: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
        """What the steps would replace or delete although it is protected."""
        cloud = SimulatedCloud(root, pulumi_cli.obtain())
        kept = {
            str(item["urn"]).rpartition("::")[2]
            for item in export(cloud, self.stack)["resources"]
            if item.get("protect")
        }
        lost = [one for operation in ("replace", "delete") for one in steps.get(operation, ())]
        return tuple(sorted(one for one in lost if one.partition(" ")[2] in kept))

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
        answer = subprocess.run(
            cloud.command(command, self.stack, "--non-interactive", *arguments),
            env=cloud.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return answer.returncode, answer.stdout + answer.stderr


def changed(config: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a configuration with settings put at their paths; None takes one out."""
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
    """What a preview finds to do, by operation: the kinds of resources, each with its name."""
    steps = [one for one in _document(text)["steps"] if one["op"] in _VERBS]
    found: dict[str, list[str]] = {}
    for step in steps:
        _, _, tokens, name = step["urn"].split("::", 3)
        token = tokens.rpartition("$")[2]
        if not token.startswith(("pulumi:", "aks-network:")):
            found.setdefault(step["op"], []).append(f"{token.rpartition(':')[2]} {name}")
    return {operation: tuple(sorted(names)) for operation, names in found.items()}


def _document(text: str) -> dict[str, Any]:
    """The JSON document of a preview, with what plugins print around it."""
    return json.JSONDecoder().raw_decode(text[text.index("{") :])[0]


def _refusal(text: str) -> str:
    """Who refused and why, on one line."""
    text = text.replace("\\n", "\n")
    if problems := re.findall(r"^\s+(aks-network:\S+: .*? — .*) — .*$", text, re.MULTILINE):
        return f"before anything is registered: {'; '.join(problems)}"
    if codes := re.findall(r'Code="(\w+)"', text):
        return f"by Azure: {', '.join(dict.fromkeys(codes))}"
    return f"by the engine: {text.strip().splitlines()[-1]}"


def describe(outcome: Outcome) -> str:
    """What an edit does, in the words of the table."""
    done = [
        f"{_VERBS[operation]}: {_listed(outcome.steps[operation])}"
        for operation in _VERBS
        if operation in outcome.steps
    ]
    if outcome.refused:
        return f"**refused** {outcome.refused}"
    if outcome.protected:
        kept = _listed(outcome.protected)
        by = "" if outcome.told else ", by the engine only"
        done.insert(0, f"**refused by protection** of {kept}{by}; without protection")
    return "; ".join(done).replace("without protection;", "without protection") or "nothing"


def _listed(names: Sequence[str]) -> str:
    """Names of resources, a kind with many of them by their number."""
    kinds = groupby(names, key=lambda name: name.split()[0])
    return ", ".join(
        f"{len(group)} {kind}" if len(group) > 2 else ", ".join(f"`{one}`" for one in group)  # noqa: PLR2004
        for kind, group in ((kind, list(items)) for kind, items in kinds)
    )


def row(outcome: Outcome) -> str:
    """A row of the table."""
    return f"| {outcome.edit.what} | {describe(outcome)} | {outcome.edit.advice} |"


def page(found: Sequence[Outcome]) -> str:
    """docs/edits.md."""
    rows: list[str] = []
    for group, outcomes_ in groupby(found, key=lambda one: one.edit.group):
        rows += ["", f"## {group}", "", "| change | what happens | advice |", "|---|---|---|"]
        rows += [row(one) for one in outcomes_]
    return "\n".join([INTRODUCTION, *rows, ""])


INTRODUCTION = """# What a change to the stack file does

Before you change a stack file, look up the change here: what happens to the resources, and what to
do instead where it is not safe. For a change that is not listed, run `make preview`.

- *creates*, *deletes*: the change creates or deletes these resources.
- *in place*: the resource stays and is updated.
- *replaces*: the resource is deleted and a new one is created.
- *refused by protection*: production answers this, because `aks-network:protect` is on there.
  Nothing is changed at all.

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
Do that only if you mean to lose what is in it.

To lose something on purpose, turn protection off in a run of its own, and then run the change:

```sh
pulumi config set aks-network:protect false && pulumi up     # nothing in Azure changes
pulumi up                                                    # with the change
```

The run that turns `protect` on again is guarded by the engine only, because the run before it
stored no baseline."""


def main(arguments: Sequence[str]) -> int:
    """Find out what every edit does and print the page, or write it."""
    parser = argparse.ArgumentParser(prog="python -m dev.docs.edits", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write docs/edits.md")
    parser.add_argument("--check", action="store_true", help="compare docs/edits.md")
    parser.add_argument("--only", help="only edits whose text holds this")
    options = parser.parse_args(arguments)
    chosen = [edit for edit in EDITS if not options.only or options.only in edit.what]
    try:
        with tempfile.TemporaryDirectory() as scratch:
            text = page(outcomes(chosen, Path(scratch)))
    except Failure as failure:
        say(f"error: {failure}")
        return 1
    if options.check:
        documented = PAGE.read_text().splitlines()
        missing = [line for line in text.splitlines() if line not in documented]
        print("\n".join(missing) or "docs/edits.md says what the edits do")
        return 1 if missing else 0
    if options.write:
        PAGE.write_text(text)
        print(f"Written: {PAGE.relative_to(ROOT)}")
    else:
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
