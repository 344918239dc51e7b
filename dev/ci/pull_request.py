"""What a change does to a stack: `python -m dev.ci.pull_request --stack <name> --base <revision>`.

Deploys the base to a simulated cloud of its own, then previews and deploys what is committed now:
so the preview shows the change, not the whole stack, and needs no credentials. The working tree and
its simulated cloud are left alone. With `--cloud azure` it is a preview of the real stack.

Writes a report for `dev/ci/pr_comment.py` and returns 1 when what is committed fails.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from cli.console import Failure, say
from dev.ci.pr_comment import Report, Step, render
from support.repository import ROOT

OUTPUT = ROOT / ".local" / "pull-request"
LAST_LINES = 60
MAKE_VARIABLES = {"STACK", "CLOUD", "BASE", "ARGS"}

SHOWN = {"Address plan": ("plan",), "Who reaches whom": ("reachability",)}
COMPARED = {"Address plan": ("plan",), "Who reaches whom": ("reachability", "ARGS=--pairs")}
"""Titles in the comment, and what `make` is asked for what stands below them."""
HIDDEN = {"same", "read", "refresh", "discard", "read-discard", "remove-pending-replace"}
PARTS_OF_REPLACING = {
    "create-replacement",
    "delete-replaced",
    "discard-replaced",
    "read-replacement",
}


def main(arguments: Sequence[str]) -> int:
    """Write the report and what the comment would be, and say where."""
    parser = argparse.ArgumentParser(prog="python -m dev.ci.pull_request", description=__doc__)
    parser.add_argument("--stack", default="dev")
    parser.add_argument("--base", default="origin/main", help="what to compare with (a revision)")
    parser.add_argument("--cloud", default="simulated", choices=["simulated", "azure"])
    options = parser.parse_args(arguments)
    try:
        report = (
            _against_azure(options.stack)
            if options.cloud == "azure"
            else _against_base(options.stack, options.base)
        )
    except Failure as error:
        say(f"error: {error}")
        return 1
    OUTPUT.mkdir(parents=True, exist_ok=True)
    file = OUTPUT / f"{report.stack}.{report.cloud}.json"
    file.write_text(json.dumps(asdict(report)), encoding="utf-8")
    comment = file.with_suffix(".md")
    comment.write_text(render([report]), encoding="utf-8")
    say(f"report: {file.relative_to(ROOT)}; as a comment: {comment.relative_to(ROOT)}")
    if report.failure:
        say(report.failure)
    return 1 if report.failure else 0


def _against_azure(stack: str) -> Report:
    return _preview(Report(stack, "azure", ()), ROOT)


def _against_base(stack: str, base: str) -> Report:
    """Deploy `base`, preview and deploy what is committed, both in a tree of their own.

    Raises `Failure` when `base` is no revision.
    """
    head, start = _revision("HEAD"), _revision(base)
    tree = OUTPUT / "trees" / stack
    report = Report(stack, "simulated", ())
    _remove(tree)
    try:
        _git("worktree", "add", "--quiet", "--detach", str(tree), start)
        if _git("diff", "--name-only", start, head, "--", "requirements.txt") == "":
            (tree / ".venv").symlink_to(ROOT / ".venv")
        say(f"deploying the stack {stack} as it is at {base}")
        run = _make(tree, stack, "up")
        if run.returncode == 0:
            report = replace(report, before=_texts(tree, stack, COMPARED))
        else:
            shutil.rmtree(tree / ".local", ignore_errors=True)
            reason = (run.stderr or run.stdout).strip().splitlines()[-1:]
            note = f"The stack can't be deployed at {base}, so this starts from nothing: {reason}"
            report = replace(report, note=note)
        _git("-C", str(tree), "checkout", "--quiet", "--detach", head)
        say(f"previewing and deploying the stack {stack} as it is committed")
        report = _preview(report, tree)
        return report if report.failure else _deploy(report, tree)
    finally:
        _remove(tree)


def _preview(report: Report, tree: Path) -> Report:
    run = _make(
        tree, report.stack, "preview", f"CLOUD={report.cloud}", "ARGS=--json --non-interactive"
    )
    try:
        answer: dict[str, Any] = json.loads(run.stdout[run.stdout.find("{") :])
    except ValueError:
        return replace(report, failure=_last_lines(run))
    if run.returncode != 0:
        errors = [row["message"] for row in answer.get("diagnostics") or ()]
        return replace(report, failure="".join(errors) or _last_lines(run))
    return replace(report, steps=steps(answer.get("steps") or []))


def steps(rows: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    """The steps of `pulumi preview --json` that change something, a replacement as one step."""
    found: list[Step] = []
    for row in rows:
        operation = str(row["op"])
        kind, _, name = str(row["urn"]).split("::", 2)[2].rpartition("::")
        own_type = kind.rpartition("$")[2].removeprefix("azure-native:")
        if operation in HIDDEN | PARTS_OF_REPLACING or own_type == "pulumi:pulumi:Stack":
            continue
        changed = row.get("replaceReasons") or row.get("diffReasons") or ()
        found.append(Step(operation, own_type, name, tuple(map(str, changed))))
    return tuple(found)


def _deploy(report: Report, tree: Path) -> Report:
    run = _make(tree, report.stack, "up")
    if run.returncode != 0:
        return replace(report, failure=_last_lines(run))
    chart = _run(
        [".venv/bin/python", "-m", "cli.diagram", "--stack", report.stack, "--mermaid"], tree
    )
    return replace(
        report,
        after=_texts(tree, report.stack, COMPARED),
        shown=_texts(tree, report.stack, SHOWN),
        topology=chart.stdout,
    )


def _texts(tree: Path, stack: str, wanted: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """What the targets print; one that the tree does not have yet is left out."""
    runs = {title: _make(tree, stack, *target) for title, target in wanted.items()}
    return {
        title: "\n".join(
            line for line in run.stdout.splitlines() if not line.startswith("Drawn")
        ).rstrip()
        for title, run in runs.items()
        if run.returncode == 0
    }


def _make(tree: Path, stack: str, target: str, *variables: str) -> subprocess.CompletedProcess[str]:
    return _run(["make", target, f"STACK={stack}", *variables], tree)


def _run(command: Sequence[str], tree: Path) -> subprocess.CompletedProcess[str]:
    # An outer make would hand its own flags and variables down.
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MAKE", "MFLAGS")) and name not in MAKE_VARIABLES
    }
    return subprocess.run(
        command, cwd=tree, env=environment, capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def _last_lines(run: subprocess.CompletedProcess[str]) -> str:
    lines = f"{run.stdout}\n{run.stderr}".strip().splitlines()
    return "\n".join(lines[-LAST_LINES:])


def _remove(tree: Path) -> None:
    """Remove a tree, its simulated cloud and git's record of it, as far as they exist."""
    shutil.rmtree(tree, ignore_errors=True)
    _git("worktree", "prune")


def _revision(name: str) -> str:
    try:
        return _git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    except Failure:
        raise Failure(
            f"{name} is no commit in this repository: name one by BASE=…, such as BASE=HEAD~1; "
            "in a shallow clone fetch it first"
        ) from None


def _git(*arguments: str) -> str:
    run = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise Failure(f"git {arguments[0]}: {run.stderr.strip()}")
    return run.stdout.strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
