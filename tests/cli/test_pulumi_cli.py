from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cli import pulumi_cli
from cli.console import Failure


def _script(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only directory on PATH; holds no engine, no curl and no Go at first."""
    directory = tmp_path / "bin"
    directory.mkdir()
    for name in ("sh", "cat", "chmod", "mkdir"):
        program = shutil.which(name)
        assert program is not None
        (directory / name).symlink_to(program)
    monkeypatch.setenv("PATH", str(directory))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return directory


def test_a_working_cli_on_path_is_used(path: Path):
    _script(path / "pulumi", "echo v3.300.1")
    _script(path / "pulumi-language-python", "")
    assert pulumi_cli.obtain() == pulumi_cli.Engine(path, (3, 300, 1))


@pytest.mark.parametrize(
    ("pulumi", "complaint"),
    [
        ("echo v3.100.0", "is version 3.100.0, but 3.259.0 or newer is needed"),
        ("echo broken pipe >&2; exit 3", "ended with exit status 3: broken pipe"),
        ("exit 3", "ended with exit status 3: it printed nothing"),
        ("echo nonsense", "ended with exit status 0: nonsense"),
    ],
)
def test_a_cli_on_path_that_cannot_serve_is_passed_over_and_named(
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    pulumi: str,
    complaint: str,
):
    _script(path / "pulumi", pulumi)
    _script(path / "pulumi-language-python", "")
    monkeypatch.setattr(pulumi_cli, "_fill", _fill_with_stand_in)

    found = pulumi_cli.obtain()

    assert found.directory != path
    assert complaint in capsys.readouterr().err


def test_a_cli_that_cannot_run_python_is_passed_over(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    _script(path / "pulumi", "echo v3.300.1")
    monkeypatch.setattr(pulumi_cli, "_fill", _fill_with_stand_in)
    assert pulumi_cli.obtain().directory != path
    assert "pulumi-language-python is neither beside it nor on PATH" in capsys.readouterr().err


def _fill_with_stand_in(directory: Path) -> None:
    _script(directory / "bin" / "pulumi", "echo v3.259.0")


def test_what_was_obtained_once_is_used_again(path: Path, monkeypatch: pytest.MonkeyPatch):
    filled: list[Path] = []

    def fill(directory: Path) -> None:
        filled.append(directory)
        _fill_with_stand_in(directory)

    monkeypatch.setattr(pulumi_cli, "_fill", fill)
    assert pulumi_cli.obtain() == pulumi_cli.obtain()
    assert len(filled) == 1
    assert not (path / "pulumi").exists()


def _installer(path: Path, *, works: bool) -> None:
    """A curl that fetches an installer, which puts a CLI into the given directory, or fails."""
    body = (
        'mkdir "$3/bin"; for name in pulumi pulumi-language-python; do\n'
        'printf "#!/bin/sh\\necho v$5\\n" >"$3/bin/$name"; chmod +x "$3/bin/$name"; done'
    )
    ending = f"cat >\"$7\" <<'EOF'\n{body}\nEOF" if works else "echo no route >&2; exit 6"
    _script(path / "curl", ending)


def test_the_official_installer_is_preferred_to_building(path: Path):
    _installer(path, works=True)
    _script(path / "go", "echo must not be called >&2; exit 1")

    found = pulumi_cli.obtain()

    assert found.version == pulumi_cli.VERSION
    assert pulumi_cli.examine(found.directory).version == pulumi_cli.VERSION


def test_a_failed_attempt_leaves_nothing_behind(path: Path, tmp_path: Path):
    _installer(path, works=False)
    _script(path / "go", '[ "$1" = version ] && echo go version go1.99.0 || exit 2')
    with pytest.raises(Failure, match="failed with exit status 2"):
        pulumi_cli.obtain()
    left = [item.name for item in (tmp_path / "cache").rglob("*") if item.suffix != ".lock"]
    assert left == ["aks-network", "engine"]


def test_without_cli_and_go_the_error_says_what_to_install(path: Path):
    _installer(path, works=False)
    with pytest.raises(Failure) as failure:
        pulumi_cli.obtain()
    assert "\n" not in str(failure.value)
    assert "no Pulumi CLI and no Go on PATH: install the Pulumi CLI 3.259.0" in str(failure.value)


@pytest.mark.parametrize(
    "go",
    [
        "echo go version go1.19.8 linux/amd64",
        "echo 'go: go.mod requires go >= 1.25.11 (running go 1.22.1)' >&2; exit 1",
    ],
)
def test_a_go_that_is_too_old_is_said_to_be(path: Path, go: str):
    _installer(path, works=False)
    _script(path / "go", go)
    with pytest.raises(Failure, match=r"Go is too old \(.*go ?1\..*Go 1\.25\.11 or newer"):
        pulumi_cli.obtain()
