"""Shows what commits change in a stack: `python -m cli.changes --stack <name> --base <commit>`.

Deploys the base to a simulated cloud of its own, then previews and deploys the commit that is
checked out. So the preview shows the change and not the whole stack, and needs no credentials. The
working tree and its simulated cloud stay as they are. With `--cloud azure` it previews the real
stack.

Writes a report for `cli/changes/comment.py`. Exits with 1 when the commit can't be deployed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from cli.changes.comment import Report, Step, render
from cli.command import parser, reports_errors
from cli.console import Failure, say
from support.arm_ids import AZURE
from support.repository import ROOT
from support.type_tokens import plain_token
from support.urns import logical_name, type_token

OUTPUT = ROOT / ".local" / "pull-request"
LAST_LINES = 60
"""Lines of a failed command's output that the report has."""
MAKE_VARIABLES = {"STACK", "CLOUD", "BASE", "ARGS"}

SHOWN = {"Address plan": ("plan",), "Who reaches whom": ("reachability",)}
COMPARED = {"Address plan": ("plan",), "Who reaches whom": ("reachability", "ARGS=--pairs")}
"""Titles in the comment, and the `make` targets whose output follows them."""
HIDDEN = {"same", "read", "refresh", "discard", "read-discard", "remove-pending-replace"}
PARTS_OF_REPLACING = {
    "create-replacement",
    "delete-replaced",
    "discard-replaced",
    "read-replacement",
}


@reports_errors()
def main(arguments: Sequence[str]) -> int:
    """Write the report and the comment, and print their paths."""
    command = parser("cli.changes", __doc__)
    command.add_argument("--base", default="origin/main", help="the commit to compare with")
    options = command.parse_args(arguments)
    report = (
        _preview(Report(options.stack, "azure", ()), ROOT)
        if options.cloud == "azure"
        else _compare(options.stack, options.base)
    )
    OUTPUT.mkdir(parents=True, exist_ok=True)
    file = OUTPUT / f"{report.stack}.{report.cloud}.json"
    file.write_text(json.dumps(asdict(report)), encoding="utf-8")
    comment = file.with_suffix(".md")
    comment.write_text(render([report]), encoding="utf-8")
    say(f"report: {file.relative_to(ROOT)}; as a comment: {comment.relative_to(ROOT)}")
    if report.failure:
        say(report.failure)
    return 1 if report.failure else 0


def _compare(stack: str, base: str) -> Report:
    """Deploy `base`, then preview and deploy the checked-out commit, in a tree of their own.

    Raises `Failure` when `base` is not a commit.
    """
    head, start = _revision("HEAD"), _revision(base)
    tree = OUTPUT / "trees" / stack
    report = Report(stack, "simulated", ())
    _remove(tree)
    try:
        _git("worktree", "add", "--quiet", "--detach", str(tree), start)
        if _git("diff", "--name-only", start, head, "--", "requirements*.txt") == "":
            (tree / ".venv").symlink_to(ROOT / ".venv")
        say(f"deploying the stack {stack} at {base}")
        result = _make(tree, stack, "up")
        if result.returncode == 0:
            report = replace(report, before=_texts(tree, stack, COMPARED))
        else:
            shutil.rmtree(tree / ".local", ignore_errors=True)
            reason = (result.stderr or result.stdout).strip().splitlines()[-1:]
            note = f"{base} can't be deployed, so this compares with an empty stack: {reason}"
            report = replace(report, note=note)
        _git("-C", str(tree), "checkout", "--quiet", "--detach", head)
        say(f"previewing and deploying the stack {stack} at HEAD")
        report = _preview(report, tree)
        return report if report.failure else _deploy(report, tree)
    finally:
        _remove(tree)


def _preview(report: Report, tree: Path) -> Report:
    result = _make(
        tree, report.stack, "preview", f"CLOUD={report.cloud}", "ARGS=--json --non-interactive"
    )
    try:
        preview: dict[str, Any] = json.loads(result.stdout[result.stdout.find("{") :])
    except ValueError:
        return replace(report, failure=_last_lines(result))
    if result.returncode != 0:
        errors = [row["message"] for row in preview.get("diagnostics") or ()]
        return replace(report, failure="".join(errors) or _last_lines(result))
    return replace(report, steps=steps(preview.get("steps") or []))


def steps(rows: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    """The steps of `pulumi preview --json` that change a resource; a replacement is one step."""
    found: list[Step] = []
    for row in rows:
        operation = str(row["op"])
        name = logical_name(row["urn"])
        own_type = plain_token(type_token(row["urn"])).removeprefix(AZURE)
        if operation in HIDDEN | PARTS_OF_REPLACING or own_type == "pulumi:pulumi:Stack":
            continue
        changed = row.get("replaceReasons") or row.get("diffReasons") or ()
        found.append(Step(operation, own_type, name, tuple(map(str, changed))))
    return tuple(found)


def _deploy(report: Report, tree: Path) -> Report:
    result = _make(tree, report.stack, "up")
    if result.returncode != 0:
        return replace(report, failure=_last_lines(result))
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
    """The output of each target; a target that fails, or that the tree lacks, is left out."""
    results = {title: _make(tree, stack, *target) for title, target in wanted.items()}
    return {
        title: "\n".join(
            line for line in result.stdout.splitlines() if not line.startswith("Drawn")
        ).rstrip()
        for title, result in results.items()
        if result.returncode == 0
    }


def _make(tree: Path, stack: str, target: str, *variables: str) -> subprocess.CompletedProcess[str]:
    return _run(["make", target, f"STACK={stack}", *variables], tree)


def _run(command: Sequence[str], tree: Path) -> subprocess.CompletedProcess[str]:
    # An outer make passes its own flags and variables to the inner one.
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MAKE", "MFLAGS")) and name not in MAKE_VARIABLES
    }
    return subprocess.run(
        command, cwd=tree, env=environment, capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def _last_lines(result: subprocess.CompletedProcess[str]) -> str:
    lines = f"{result.stdout}\n{result.stderr}".strip().splitlines()
    return "\n".join(lines[-LAST_LINES:])


def _remove(tree: Path) -> None:
    """Remove a tree with its simulated cloud, and git's record of it, if they exist."""
    shutil.rmtree(tree, ignore_errors=True)
    _git("worktree", "prune")


def _revision(name: str) -> str:
    try:
        return _git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    except Failure:
        raise Failure(
            f"BASE must be a commit of this repository: there is no {name}; use another, such as "
            "BASE=HEAD~1, or fetch it first in a shallow clone"
        ) from None


def _git(*arguments: str) -> str:
    result = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        raise Failure(f"git {arguments[0]}: {result.stderr.strip()}")
    return result.stdout.strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
