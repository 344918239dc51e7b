"""Runs every shell step of the workflows, as the services do, in a copy of the repository.

What needs a cloud or would run this very test suite again is asked of `make` without being done.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli import pulumi_cli
from cli.changes.comment import MARKER
from tests.workflows.pipelines import ROOT, Shell, azure_shells, github_shells

pytestmark = pytest.mark.engine

HEAD = "a" * 40
VALUES = {
    "matrix.stack": "dev",
    "inputs.stack": "dev",
    "stack": "dev",
    "parameters.stack": "dev",
    "github.token": "a-token",
    "System.AccessToken": "a-token",
    "vars.AZURE_CLIENT_ID": "client",
    "vars.AZURE_TENANT_ID": "tenant",
    "vars.AZURE_SUBSCRIPTION_ID": "subscription",
    "vars.PULUMI_BACKEND_URL": "azblob://state",
    "github.event.workflow_run.head_repository.owner.login": "a-fork",
    "github.event.workflow_run.head_branch": "more-addresses",
    "github.event.workflow_run.head_sha": HEAD,
}
"""What the services put in place of expressions; one that is missing here fails the test."""

MAKE = """#!/bin/sh
echo "$*" >> "$MAKE_LOG"
case " $* " in
  *" CLOUD=azure "*|*" lint "*|*" test "*|*" test-unit "*) exec "$REAL_MAKE" --dry-run "$@" ;;
  *) exec "$REAL_MAKE" "$@" ;;
esac
"""


@dataclass
class Service:
    """GitHub's or Azure Repos' comments, as far as they are used."""

    comments: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    requests: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    address: str = ""


@pytest.fixture
def service() -> Iterator[Service]:
    state = Service()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            state.requests.append((self.command, self.path))
            assert self.headers["Authorization"] == "Bearer a-token"
            length = int(self.headers["Content-Length"] or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            data = json.dumps(_answer(state, self.command, self.path, body)).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = answer  # noqa: N815 - the base class's names

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    state.address = f"http://127.0.0.1:{server.server_address[1]}"
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


def _answer(state: Service, method: str, path: str, body: Any) -> Any:
    if "/pulls?" in path:
        assert "head=a-fork%3Amore-addresses" in path
        return [{"number": 7, "head": {"sha": HEAD}}]
    if method == "GET" and "/threads" in path:
        return {"value": [{"id": n, "comments": [one]} for n, one in enumerate(state.comments)]}
    if method == "GET":
        return state.comments
    text = body.get("body") or body.get("content") or body["comments"][0]["content"]
    if method == "PATCH":
        state.comments[int(path.partition("?")[0].rsplit("/", 1)[-1])] |= {
            "body": text,
            "content": text,
        }
    else:
        number = len(state.comments)
        url = f"{state.address}/comment/{number}"
        state.comments.append(
            {"id": number, "url": url, "body": text, "content": text, "user": {"type": "Bot"}}
        )
    return {}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy with two commits, of which the second adds a range to the stack dev's addresses."""
    copy = tmp_path_factory.mktemp("repository")
    listed = _git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        source, target = ROOT / name, copy / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    (copy / ".venv").symlink_to(ROOT / ".venv")
    _git(copy, "init", "--quiet")
    _commit(copy, "What was")
    file = copy / "Pulumi.dev.yaml"
    settings = yaml.safe_load(file.read_text())
    settings["config"]["aks-network:network"]["natGateway"] = {"publicIpCount": 2}
    file.write_text(yaml.safe_dump(settings))
    _commit(copy, "Another address to go out by")
    return copy


def _commit(copy: Path, message: str) -> None:
    _git(copy, "add", "--all")
    identity = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.com")
    _git(copy, *identity, "commit", "--quiet", "--message", message)


def _git(where: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=where, capture_output=True, text=True, check=True
    ).stdout


@pytest.fixture
def environment(tmp_path: Path, service: Service) -> dict[str, str]:
    stubs = tmp_path / "stubs"
    stubs.mkdir()
    (stubs / "make").write_text(MAKE)
    (stubs / "make").chmod(0o755)
    real = shutil.which("make")
    assert real
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GITHUB_", "MAKE", "MFLAGS", "PYTEST", "ARM_", "AZURE_"))
    }
    path = [stubs, pulumi_cli.obtain().directory, Path(os.environ["PATH"])]
    return {
        **inherited,
        "PATH": os.pathsep.join(map(str, path)),
        "REAL_MAKE": real,
        "MAKE_LOG": str(tmp_path / "make.log"),
        "RUNNER_TEMP": str(tmp_path),
        "AGENT_TEMPDIRECTORY": str(tmp_path),
        "PIPELINE_WORKSPACE": str(tmp_path / "reports"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GITHUB_REPOSITORY": "contoso/aks-network",
        "GITHUB_API_URL": service.address,
        "SYSTEM_COLLECTIONURI": f"{service.address}/contoso/",
        "SYSTEM_TEAMPROJECT": "Platform team",
        "BUILD_REPOSITORY_ID": "repository",
        "SYSTEM_PULLREQUEST_PULLREQUESTID": "7",
    }


def _filled(value: str) -> str:
    """A value with its expressions replaced, GitHub's and those of Azure Pipelines."""
    return re.sub(
        r"\$\{\{\s*([\w.]+)\s*\}\}|\$\(([\w.]+)\)", lambda m: VALUES[m[1] or m[2]], str(value)
    )


def run(shell: Shell, repository: Path, environment: dict[str, str]) -> str:
    """Run a step's script by `bash -euo pipefail`; returns what it printed."""
    given = {name: _filled(value) for name, value in shell.environment.items()}
    on_github = {"GITHUB_ACTIONS": "true"} if shell.file in _github_files() else {}
    # The matrix of Azure Pipelines is in the environment.
    matrix = {} if on_github else {"STACK": "dev"}
    answer = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", shell.script],
        cwd=repository,
        env={**environment, **matrix, **on_github, **given},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, f"{shell.name}\n{answer.stdout}\n{answer.stderr}"
    return answer.stdout + answer.stderr


def _github_files() -> set[str]:
    return {shell.file for shell in github_shells()}


def _shells(*, posts: bool, changes: bool) -> list[Any]:
    """The steps that post, those that compare commits, or all others."""
    return [
        pytest.param(shell, id=shell.name)
        for shell in (*github_shells(), *azure_shells())
        if ("changes/post" in shell.script) == posts and ("HEAD^1" in shell.script) == changes
    ]


@pytest.mark.parametrize("shell", _shells(posts=False, changes=False))
def test_a_step_asks_make_for_what_there_is(
    shell: Shell, repository: Path, environment: dict[str, str]
):
    report = repository / ".local" / "pull-request" / "dev.azure.md"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text("what changes\n")
    run(shell, repository, environment)
    asked = Path(environment["MAKE_LOG"]).read_text().splitlines()
    assert len(asked) == shell.script.count("make ")


def test_a_pull_request_is_compared_commented_on_and_the_comment_updated(
    repository: Path, environment: dict[str, str], service: Service, tmp_path: Path
):
    (compare, *others) = [p.values[0] for p in _shells(posts=False, changes=True)]
    assert all(other.script == compare.script for other in others)
    run(compare, repository, environment)
    report = repository / ".local" / "pull-request" / "dev.simulated.json"
    (tmp_path / "reports").mkdir()
    shutil.copy(report, tmp_path / "reports")
    assert _git(repository, "worktree", "list").count("\n") == 1

    for post in (p.values[0] for p in _shells(posts=True, changes=False)):
        service.comments[:] = [
            {"id": 0, "url": "", "body": f"I quote {MARKER}", "content": f"I quote {MARKER}",
             "user": {"type": "User"}}
        ]  # fmt: skip
        assert "commented" in run(post, repository, environment)
        assert "updated" in run(post, repository, environment)
        assert len(service.comments) == 2
        _check(service.comments[1]["body"])


def _check(comment: str) -> None:
    assert comment.startswith(MARKER)
    assert "### Stack `dev` on simulated Azure" in comment
    assert re.search(r"^\+ create\s+network:PublicIPAddress", comment, re.MULTILINE)
    assert re.search(r"^! update\s+network:NatGateway", comment, re.MULTILINE)
    assert "Address plan: unchanged" in comment
    assert "Who reaches whom: unchanged" in comment
    assert "```mermaid\nflowchart LR" in comment
