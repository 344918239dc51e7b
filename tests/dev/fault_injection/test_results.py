"""The results of fault injection, and the page about them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from dev.fault_injection import results
from dev.fault_injection.cases import COMMANDS, KINDS, STACKS, Case, Operation
from dev.fault_injection.report import report
from dev.fault_injection.results import Program, Result

PROGRAM = Program("0123", "abc1234")
OTHER = Program("4567", "def5678")
COUNTS = {("dev", "up"): 2, ("dev", "destroy"): 2}


def outcome(
    name: str, why: str = "", *, kind: str = "lost", program: Program = PROGRAM, together: int = 1
) -> Result:
    case = Case("dev", "up", kind, Operation("create", "azure-native:network:Subnet", name))
    return Result(case, not why, why, together, 12.0, program, "2026-01-31")


def test_results_are_read_as_they_were_written(tmp_path: Path):
    file = tmp_path / "sweep" / "results.jsonl"
    kept = [outcome("a"), outcome("b", "it is not there")]
    results.append(file, kept[:1])
    results.append(file, kept[1:])
    assert results.load(file) == kept


def test_there_are_no_results_before_the_first(tmp_path: Path):
    assert results.load(tmp_path / "results.jsonl") == []


def test_a_sweep_that_was_killed_within_a_line_loses_that_line_only(tmp_path: Path):
    file = tmp_path / "results.jsonl"
    results.append(file, [outcome("a"), outcome("b")])
    file.write_bytes(file.read_bytes()[:-20])
    assert results.load(file) == [outcome("a")]
    results.append(file, [outcome("c")])
    assert results.load(file) == [outcome("a"), outcome("c")]


def test_the_last_result_of_a_case_counts():
    both = [outcome("a", "a defect"), outcome("a"), outcome("a", "old", program=OTHER)]
    assert results.latest(both, PROGRAM.fingerprint) == [outcome("a")]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name in ("components/network.py", "dev/fault_injection/report.py", "docs/sweep.md"):
        file = tmp_path / name
        file.parent.mkdir(parents=True)
        file.write_text("1")
    for line in (
        "init -q", "add .", "-c user.name=x -c user.email=x@example.com commit -qm one"
    ):  # fmt: skip
        subprocess.run(["git", "-C", str(tmp_path), *line.split()], check=True)
    return tmp_path


def test_a_program_is_known_by_its_sources_and_its_commit(repository: Path):
    before = results.program(repository)
    (repository / "docs/sweep.md").write_text("2")
    (repository / "dev/fault_injection/report.py").write_text("2")
    unchanged = results.program(repository)
    (repository / "components/network.py").write_text("2")
    after = results.program(repository)
    assert unchanged.fingerprint == before.fingerprint != after.fingerprint
    assert len(before.commit) >= 7
    assert after.commit == f"{before.commit}, changed"


def test_a_program_needs_no_repository(tmp_path: Path):
    assert results.program(tmp_path).commit == "no commit"


def test_the_page_says_that_no_fault_has_been_injected():
    page = report([], {})
    assert "No fault has been injected yet." in page
    assert all(f"| {kind} |" in page for kind in KINDS)


def test_the_page_tells_what_was_recovered_at_which_commit():
    page = report([outcome("a", together=2), outcome("b", together=2)], COUNTS)
    assert "Run on 2026-01-31, at the commits in the table. Later commits have" in page
    assert "| dev | up | `abc1234` | 2 | not run | not run | all recovered | not run |" in page
    assert "| dev | destroy | none | 2 | not run |" in page
    assert "| prod | up | none | not counted | not run |" in page
    assert "In total, 2 of 2 cases" in page
    assert "0 of them had a run of their own" in page
    for stack in STACKS:
        for command in COMMANDS:
            assert page.count(f"| {stack} | {command} |") == 1


def test_the_page_tells_what_was_not_recovered_and_why():
    page = report([outcome("a", "an orphan\nin the cloud")], COUNTS)
    assert "| 0 recovered, 1 not recovered, 1 not run |" in page
    assert (
        "- not recovered: dev up, lost: create azure-native:network:Subnet `a`: "
        "an orphan in the cloud" in page
    )


def test_the_page_names_every_commit_of_a_row_and_takes_the_last_result_of_a_case():
    old = [outcome("a", "a defect", program=OTHER), outcome("b", program=OTHER)]
    page = report([*old, outcome("a")], COUNTS)
    assert "| dev | up | `abc1234`, `def5678` | 2 |" in page
    assert "In total, 2 of 2 cases" in page
    assert "not recovered:" not in page


def test_an_example_with_results_has_rows_of_its_own():
    case = Case("vpn", "up", "lost", Operation("create", "azure-native:network:Subnet", "a"))
    vpn = Result(case, recovered=True, reason="", faults_in_run=1, seconds=1, program=PROGRAM,
                   day="2026-01-31")  # fmt: skip
    assert "| vpn | up | `abc1234` | 1 | not run |" in report([vpn], {("vpn", "up"): 1})


def test_a_line_of_results_holds_what_the_page_needs(tmp_path: Path):
    file = tmp_path / "results.jsonl"
    results.append(file, [outcome("a")])
    row = json.loads(file.read_text())
    assert row["program"] == {"fingerprint": "0123", "commit": "abc1234"}
    assert row["case"]["operation"]["name"] == "a"
