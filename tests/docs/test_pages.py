"""Links lead somewhere, and commands named in the prose exist."""

from __future__ import annotations

import json
import re

import pytest

from components.settings.stack import MODELS
from dev.docs import options
from support.repository import ROOT
from tests.docs import pages, stand_in
from tests.helpers.loops import each

TARGETS = set(re.findall(r"^([a-z- ]+):.*", (ROOT / "Makefile").read_text(), re.MULTILINE))
TARGETS = {target for line in TARGETS for target in line.split()}
RECORDED = json.loads(stand_in.TABLE.read_text())


@pytest.mark.parametrize("page", pages.PAGES)
def test_links_lead_to_files_and_headings_that_exist(page):
    for file, anchor in pages.links(page):
        assert file.exists(), f"{page} leads to {file}"
        if anchor:
            assert anchor in pages.anchors(file), f"{page} leads to {file.name}#{anchor}"


def test_every_page_is_in_the_index():
    named = {file for file, _ in pages.links("docs/README.md")}
    assert {ROOT / page for page in pages.PAGES if page.startswith("docs/")} <= named | {
        ROOT / "docs/README.md"
    }


def in_the_prose(*programs: str) -> list[tuple[str, list[str]]]:
    """Page and words of every command of these programs in the prose of the pages."""
    commands = [
        (page, line.split()) for page in pages.PAGES for line in pages.inline_commands(page)
    ]
    return [(page, words) for page, words in commands if words[0] in programs]


def test_targets_of_make_in_the_prose_exist():
    commands = in_the_prose("make")
    assert commands
    for page, (_, target, *_) in commands:
        assert target in TARGETS or "=" in target, f"{page}: make {target}"


def test_commands_of_azure_and_kubernetes_in_the_prose_exist():
    commands = in_the_prose("az", "kubectl", "kubelogin")
    assert {words[0] for _, words in commands} >= {"az", "kubectl"}
    for page, words in commands:
        plain = " ".join(word for word in words if re.match(r"[a-z]", word))
        assert any(name.startswith(plain) or plain.startswith(name) for name in RECORDED), (
            f"{page}: {plain}"
        )


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("az aks get-credentials --name a --resource-group b", None),
        ("az aks get-credentials --name a", "asks for --resource-group"),
        ("az aks get-credentials --cluster a -g b -n c", "takes no --cluster"),
        ("az aks fly --name a", "no such command"),
        ("az aks get-credentials -g <group> -n a", "not filled in"),
    ],
)
def test_the_stand_in_takes_what_the_azure_cli_takes(line, why):
    found = stand_in.refusal(line.split())
    assert found is None if why is None else why in (found or "")


def test_the_tests_that_the_article_page_names_exist():
    named = set(re.findall(r"`(test_\w+)`", pages.text("docs/article.md")))
    assert named
    there = {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE)
    }
    assert named <= there


def test_the_settings_that_a_page_names_exist():
    known = {f"{path}.{field.alias}" for path, model in options.models()
             for field in model.model_fields.values()}  # fmt: skip
    sections = "|".join(key for key in MODELS if key)
    for page in ("docs/article.md", "docs/start.md", "docs/changing.md"):
        named = re.findall(rf"`((?:{sections})\.[\w.\[\]]+)", pages.text(page))
        for setting in each(named):
            assert setting.replace("[]", "") in known, f"{page}: {setting}"
