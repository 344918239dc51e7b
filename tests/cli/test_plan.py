"""`make plan` and `make compare`: for every stack and example, with neither engine nor cloud."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli import plan
from support.repository import ROOT

STACKS = [path.name.split(".")[1] for path in sorted(ROOT.glob("Pulumi.*.yaml"))]
EXAMPLES = [
    path.stem for path in sorted((ROOT / "examples").glob("*.yaml")) if "." not in path.stem
]


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Pictures go to a directory of the test's own."""
    for name in ("examples", *(f"Pulumi.{stack}.yaml" for stack in STACKS)):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.setattr(plan, "ROOT", tmp_path)


@pytest.mark.parametrize("stack", [*STACKS, *EXAMPLES])
def test_every_stack_and_example_has_a_plan(
    stack: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    assert plan.main(["--stack", stack]) == 0
    assert "nodes" in capsys.readouterr().out
    assert (tmp_path / ".local" / f"address-plan.{stack}.svg").read_text().startswith("<svg")


def test_the_models_are_compared_for_the_stacks_own_pools(capsys: pytest.CaptureFixture[str]):
    assert plan.main(["--stack", "prod", "--compare"]) == 0
    table = capsys.readouterr().out
    assert "2028-03-31" in table
    assert "6,149" in table


def test_an_unknown_stack_is_answered_with_those_there_are(capsys: pytest.CaptureFixture[str]):
    assert plan.main(["--stack", "nope"]) == 1
    said = "".join(capsys.readouterr())
    assert "dev, prod" in said
    assert "kubenet" in said
