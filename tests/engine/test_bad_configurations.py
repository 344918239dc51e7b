"""Broken configurations under the real engine: refused by name, without a trace or a resource.

One case of each group; `tests/components/settings/test_corpus.py` has all of them.
"""

from __future__ import annotations

import re

import pytest
import yaml

from cli.console import Failure
from cli.stack_file import committed_file
from support.repository import ROOT
from tests.engine.conftest import Deploy
from tests.helpers import broken
from tests.helpers.broken import Case

CHOSEN = (
    "faults of every kind together",
    "nothing at all",
    "a workload with a terminal's escape",
    "a site inside the network",
    "one node too many",
    "text inside a list of objects",
    "a private key for a public one",
    "a password in plain text",
    "a date for a version",
)
CASES = [case for case in broken.cases() if case.name in CHOSEN]


def raw(case: Case) -> dict[str, object]:
    """The configuration without the secrets that a local run makes up by itself."""
    return case.broken(yaml.safe_load(committed_file(case.base, ROOT).read_text())["config"])


def test_there_is_a_case_of_every_group():
    assert {case.group for case in CASES} == {case.group for case in broken.cases()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_broken_stack_file_is_refused_by_name(deploy: Deploy, case: Case):
    deployment = deploy("broken", raw(case))

    run = deployment.refused("up")

    assert "nothing was registered" in run.text
    for path, words in case.faults.items():
        assert words == broken.ANY or re.search(re.escape(path) + ".*" + re.escape(words), run.text)
    assert "Traceback" not in run.text
    assert case.hidden not in run.text
    assert deployment.resources() == []
    assert [resource["type"] for resource in deployment.state()] in ([], ["pulumi:pulumi:Stack"])


def test_a_section_of_a_wrong_type_is_refused_by_pulumi_itself(deploy: Deploy):
    run = deploy("dev", {"aks-network:network": "10.20.0.0/16"}).refused("up")

    assert "'network' must be of type 'object'" in run.text
    assert "Traceback" not in run.text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("config: [a, b]", "needs an object `config`"),
        ("just words", "needs an object `config`"),
        ("config: {a: 1", "line 1, column 14: must be YAML"),
        ("config: {'aks-network:tags': {a: x, a: y}}", "found duplicate key"),
        (f"config: {'[' * 500}", "nested too deeply"),
        ("config: {'aks-network:network': {podCidr: {secure: v1:xyz}}}", "network.podCidr"),
    ],
)
def test_what_is_no_stack_file_is_answered_in_one_line(deploy: Deploy, text: str, words: str):
    deployment = deploy("broken", {})
    deployment.committed.write_text(text)

    with pytest.raises(Failure) as failure:
        deployment.run("preview")

    assert words in str(failure.value)
