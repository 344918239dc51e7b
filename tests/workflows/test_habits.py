"""The pages and tools for contributors are correct and work."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.helpers.loops import each
from tests.workflows.pipelines import ROOT

TARGETS = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
DEPENDABOT = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())
MANIFESTS = {
    "pip": "pyproject.toml",
    "gomod": "go.mod",
    "github-actions": "action.yml",
}


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "CHANGELOG.md", "README.md"])
def test_a_page_names_targets_of_make_that_exist(page: str):
    text = (ROOT / page).read_text()
    named = set(re.findall(r"(?:^|`)make ([a-z][a-z-]*)", text, re.MULTILINE))
    assert named
    assert named <= TARGETS


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "CHANGELOG.md"])
def test_a_page_links_to_files_that_exist(page: str):
    for link in each(re.findall(r"\]\(([^)#]+)", (ROOT / page).read_text())):
        assert link.startswith("https://") or (ROOT / link).exists(), link


def test_updates_are_looked_for_where_there_is_something_to_update():
    seen: set[tuple[str, str]] = set()
    for update in DEPENDABOT["updates"]:
        for directory in update.get("directories") or [update["directory"]]:
            place = ROOT / directory.strip("/")
            ecosystem = update["package-ecosystem"]
            seen.add((ecosystem, directory))
            workflows = ecosystem == "github-actions" and directory == "/"
            assert workflows or (place / MANIFESTS[ecosystem]).exists(), directory
    modules = {("gomod", f"/cli/go/{file.parent.name}") for file in ROOT.glob("cli/go/*/go.mod")}
    assert modules
    assert modules | {("pip", "/"), ("github-actions", "/")} <= seen


def test_the_hooks_are_ones_that_pre_commit_takes():
    answer = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-config", ".pre-commit-config.yaml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout


def test_the_hooks_lint_what_is_about_to_be_committed(tmp_path: Path):
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    for name in (".pre-commit-config.yaml", "pyproject.toml"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    (tmp_path / "bad.py").write_text("import os\n")
    _git(tmp_path, "init", "--quiet")
    _git(tmp_path, "add", "--force", "bad.py", ".pre-commit-config.yaml")
    answer = subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", "ruff-check"],
        cwd=tmp_path,
        env={**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1
    assert "ruff check" in answer.stdout
    assert (tmp_path / "bad.py").read_text() == ""


def _git(where: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=where, check=True, capture_output=True)


def test_packages_that_others_import_say_that_they_are_typed():
    for package in ("components", "analysis"):
        assert (ROOT / package / "py.typed").exists()


def test_the_licence_is_mit_and_the_changelog_has_what_is_unreleased():
    assert (ROOT / "LICENSE").read_text().startswith("MIT License\n")
    assert "\n## [Unreleased]\n" in (ROOT / "CHANGELOG.md").read_text()
