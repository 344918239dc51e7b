from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.loops import each
from tests.workflows.pipelines import (
    AZURE,
    ROOT,
    WORKFLOWS,
    azure_shells,
    github_shells,
    jobs,
    load,
    used_actions,
)

COMMIT = re.compile(r"[0-9a-f]{40}")
ALL_JOBS = [(file, name, job) for file in WORKFLOWS for name, job in jobs(file).items()]
IDS = [f"{file.name}:{name}" for file, name, _ in ALL_JOBS]


def own_jobs() -> list[Any]:
    """Jobs with steps of their own; others call a workflow."""
    return [
        pytest.param(file, job, id=name)
        for (file, _, job), name in zip(ALL_JOBS, IDS, strict=True)
        if "steps" in job
    ]


def test_every_action_is_pinned_to_a_commit_and_says_its_version():
    found = list(used_actions())
    assert len(found) > 10
    for file, action, comment in found:
        if action.startswith("./"):
            continue
        assert COMMIT.fullmatch(action.partition("@")[2]), f"{file}: {action}"
        assert re.fullmatch(r"v\d+(\.\d+)*", comment), f"{file}: {action}: {comment}"


def test_an_action_has_the_same_commit_everywhere():
    pins: dict[str, set[str]] = {}
    for _, action, comment in used_actions():
        name, _, commit = action.partition("@")
        pins.setdefault(name, set()).add(f"{commit} {comment}")
    assert {name: found for name, found in pins.items() if len(found) > 1} == {}


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_a_workflow_may_nothing_or_read_unless_a_job_says_more(file: Path):
    assert load(file)["permissions"] in ({}, {"contents": "read"})


def test_only_the_comment_may_write_and_only_comments():
    written = {
        (file.name, name, permission)
        for file, name, job in ALL_JOBS
        for permission, level in job.get("permissions", {}).items()
        if level == "write" and permission != "id-token"
    }
    assert written == {("comment.yml", "comment", "pull-requests")}


def test_azure_is_signed_in_to_by_federation_in_an_environment_and_never_by_a_secret():
    for file in (*WORKFLOWS, *AZURE):
        assert "secrets." not in file.read_text()
    for file, name, job in ALL_JOBS:
        signs_in = any("azure/login" in step.get("uses", "") for step in job.get("steps", ()))
        may = job.get("permissions", {}).get("id-token") == "write"
        if "steps" in job:
            assert signs_in == may == ("environment" in job), f"{file.name}: {name}"


def test_what_runs_for_forks_has_no_credentials():
    workflow = load(ROOT / ".github/workflows/pull-request.yml")
    assert set(workflow["on"]) == {"pull_request"}
    for name, job in workflow["jobs"].items():
        if "permissions" in job or "environment" in job:
            condition = " ".join(job["if"].split())
            same = "github.event.pull_request.head.repo.full_name == github.repository"
            assert condition.endswith(f"&& {same}"), name


def test_what_may_write_never_checks_out_the_pull_requests_code():
    workflow = load(ROOT / ".github/workflows/comment.yml")
    assert set(workflow["on"]) == {"workflow_run"}
    for step in workflow["jobs"]["comment"]["steps"]:
        if "actions/checkout" in step.get("uses", ""):
            assert set(step["with"]) == {"persist-credentials"}
    for file in WORKFLOWS:
        assert "pull_request_target" not in load(file)["on"]


def test_the_comment_follows_the_workflow_that_makes_its_reports():
    followed = load(ROOT / ".github/workflows/comment.yml")["on"]["workflow_run"]["workflows"]
    assert followed == [load(ROOT / ".github/workflows/pull-request.yml")["name"]]


@pytest.mark.parametrize(("file", "job"), own_jobs())
def test_a_job_has_a_time_limit_and_leaves_no_credentials_behind(file: Path, job: dict[str, Any]):
    assert 0 < job["timeout-minutes"] <= 180
    for step in job["steps"]:
        if "actions/checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False, file.name


def test_two_runs_of_one_pull_request_or_one_stack_are_kept_apart():
    assert load(ROOT / ".github/workflows/pull-request.yml")["concurrency"]["cancel-in-progress"]
    assert load(ROOT / ".github/workflows/comment.yml")["concurrency"]["cancel-in-progress"]
    up = jobs(ROOT / ".github/workflows/up.yml")["up"]["concurrency"]
    assert up == {"group": "up-${{ inputs.stack }}", "cancel-in-progress": False}


def test_scripts_get_values_by_the_environment_and_never_by_substitution():
    for shell in (*github_shells(), *azure_shells()):
        assert "${{" not in shell.script, shell.name
        assert not re.search(r"\$\([A-Z]\w*[.)]", shell.script), shell.name


def test_a_script_of_several_lines_for_azure_pipelines_stops_at_the_first_error():
    for shell in each(azure_shells()):
        lines = shell.script.strip().splitlines()
        assert len(lines) == 1 or lines[0] == "set -euo pipefail", shell.name


def test_each_environment_follows_the_one_before_it():
    deploy = jobs(ROOT / ".github/workflows/deploy.yml")
    assert {name: job["with"]["stack"] for name, job in deploy.items()} == {
        "dev": "dev",
        "prod": "prod",
    }
    assert deploy["prod"]["needs"] == "dev"
    assert jobs(ROOT / ".github/workflows/up.yml")["up"]["needs"] == "preview"


def test_every_stack_is_previewed_and_deployed():
    stacks = sorted(file.name.split(".")[1] for file in ROOT.glob("Pulumi.*.yaml"))
    preview = jobs(ROOT / ".github/workflows/pull-request.yml")["preview"]
    assert preview["strategy"]["matrix"]["stack"] == stacks
    assert sorted(jobs(ROOT / ".github/workflows/deploy.yml")) == stacks
    lists = re.findall(r"split\('([a-z,]+)', ','\)", AZURE[0].read_text())
    assert {tuple(one.split(",")) for one in lists} == {tuple(stacks)}


def test_files_for_azure_pipelines_name_templates_that_exist():
    named = (
        file.parent / template
        for file in AZURE
        for template in re.findall(r"template: (\S+)", file.read_text())
    )
    for template in each(named):
        assert template.exists(), template


@pytest.mark.parametrize("file", [*WORKFLOWS, *AZURE], ids=lambda file: file.name)
def test_where_azure_is_signed_in_to_clusters_can_be_too(file: Path):
    text = file.read_text()
    signed_in = re.findall(r"uses: azure/login@|task: AzureCLI@", text)
    installed = re.findall(r"uses: azure/use-kubelogin@|task: KubeloginInstaller@", text)
    assert len(installed) == len(signed_in)
