"""docs/edits.md says what day-2 changes do; a third of them is carried out again here.

All of them take minutes: `make edits ARGS=--check`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli.pulumi_cli import Engine
from dev.docs import edits
from dev.docs.edits_table import EDITS
from tests.engine.warm.start import WarmCloud


def test_every_change_stands_in_the_documentation_in_order():
    documented = re.findall(r"^\| (.+?) \| .* \| (.*) \|$", edits.PAGE.read_text(), re.MULTILINE)
    rows = [one for one in documented if one[0] != "change"]
    assert rows == [(edit.what, edit.advice) for edit in EDITS]


def test_the_changes_do_what_the_documentation_says(
    warm: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(edits, "SimulatedCloud", lambda root, _: WarmCloud(root, warm))
    found = edits.outcomes(EDITS[::3], tmp_path, workers=1)

    assert any(one.protected for one in found)
    assert all(one.advice for one in found if one.protected)
    assert any(one.refused for one in found)
    documented = edits.PAGE.read_text().splitlines()
    assert [edits.row(one) for one in found if edits.row(one) not in documented] == []
