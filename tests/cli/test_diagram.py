from __future__ import annotations

import json
from pathlib import Path

import pytest

from analysis.diagram import Kind
from cli import diagram
from cli.console import Failure
from tests.analysis.reachability.states import state_of


@pytest.fixture
def state(tmp_path: Path) -> Path:
    file = tmp_path / "state.json"
    file.write_text(json.dumps({"deployment": {"resources": state_of("dev")}}))
    return file


def test_the_picture_and_the_flowchart_are_written_and_named(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(diagram, "ROOT", tmp_path)
    assert diagram.main(["--stack", "dev", "--state", str(state)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said == ["Drawn in .local/topology/dev.svg", "Drawn in .local/topology/dev.mmd"]
    assert "data:image/png;base64," in (tmp_path / ".local/topology/dev.svg").read_text()


def test_the_flowchart_alone_is_printed(state: Path, capsys: pytest.CaptureFixture[str]):
    assert diagram.main(["--state", str(state), "--mermaid"]) == 0
    assert capsys.readouterr().out.startswith("flowchart LR\n")


def test_an_empty_state_is_refused_with_the_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    file = tmp_path / "state.json"
    file.write_text('{"deployment": {}}')
    assert diagram.main(["--state", str(file)]) == 1
    assert "deploy the stack first" in capsys.readouterr().err


def test_every_kind_has_an_icon_of_azures():
    icons = diagram.azure_icons()
    assert set(icons) == set(Kind)
    assert all(data.startswith(b"\x89PNG") for data in icons.values())


def test_missing_icons_are_reported_with_the_remedy(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(diagram, "ICONS_PACKAGE", "no-such-package")
    with pytest.raises(Failure, match="pip install no-such-package"):
        diagram.azure_icons()
