"""The list of rules as a whole: each has a source, known types, and a test that meets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from simulator.azure import catalog
from simulator.azure.cloud import Cloud
from simulator.azure.model import Request
from simulator.azure.namespaces import names
from simulator.azure.namespaces.network import ranges
from simulator.azure.rules import RULES, enforce
from simulator.errors import AzureError
from tests.simulator.fired import UNPUBLISHED

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
GROUP = "/subscriptions/s/resourceGroups/rg"


def _run(table: Path, codes: str) -> dict[str, Any]:
    """What `fired` notes in a run of all tests that ask for refusals in process."""
    files = [file for file in HERE.glob("test_*.py") if _asks(file.read_text())]
    command = [sys.executable, "-m", "pytest", "-n0", "--tb=no", "-p", "tests.simulator.fired"]
    subprocess.run(
        [*command, "-k", "not every_rule and not every_code", *map(str, sorted(files))],
        cwd=ROOT,
        env={**os.environ, "RULES_FIRED": str(table), "RULES_CODES": codes},
        capture_output=True,
        check=False,
    )
    return json.loads(table.read_text())


@pytest.fixture(scope="module")
def met(tmp_path_factory) -> dict[str, list[str]]:
    """Tests by the rule that they met."""
    return _run(tmp_path_factory.mktemp("rules") / "met.json", "azures")["met"]


@pytest.fixture(scope="module")
def heedful(tmp_path_factory) -> set[str]:
    """Tests that fail once rules refuse with other codes."""
    return set(_run(tmp_path_factory.mktemp("rules") / "heedful.json", "changed")["failed"])


def _asks(text: str) -> bool:
    return any(word in text for word in (".refused(", "Landscape", "def refusal"))


def test_every_rule_is_met_by_a_test(met):
    catalog.by_token()
    assert [f"{row.namespace}: {row.name}" for row in RULES if row.name not in met] == []


def test_every_code_is_named_by_a_test_that_meets_its_rule(met, heedful):
    catalog.by_token()
    assert [
        f"{row.namespace}: {row.name}: {row.code}"
        for row in RULES
        if row.code not in ("", UNPUBLISHED) and heedful.isdisjoint(met[row.name])
    ] == []


def test_every_rule_has_a_name_of_its_own():
    catalog.by_token()
    assert [name for name, times in Counter(row.name for row in RULES).items() if times > 1] == []


def test_every_rule_names_its_source_and_known_types():
    known = catalog.by_token()
    for row in RULES:
        assert row.source
        assert set(row.types) <= set(known), row.name


def request_for(token: str, name: str = "name", **inputs: Any) -> Request:
    """A request with nothing but what a row of a table looks at."""
    kind = catalog.by_token()[token]
    return Request(Cloud(), kind, f"{GROUP}/providers/x/y/{name}", inputs, None)


def refusal(request: Request) -> AzureError:
    with pytest.raises(AzureError) as caught:
        list(enforce("put", request))
    return caught.value


def nested(path: str, value: int) -> dict[str, Any]:
    """An object that has the value at a dotted path, `[]` being a list of one."""
    head, _, rest = path.partition(".")
    inner: Any = nested(rest, value) if rest else value
    return {head.removesuffix("[]"): [inner] if head.endswith("[]") else inner}


@pytest.mark.parametrize(
    ("token", "path", "least", "most"), [row[:4] for row in ranges.RANGES], ids=str
)
def test_a_number_outside_its_range_is_refused(token, path, least, most):
    for value in (least - 1, most + 1):
        error = refusal(request_for(token, **nested(path, value)))
        assert (error.code, error.target) == ("BadRequest", path)
        assert str(value) in error.message


NAMES = [(row, token) for row in names.NAME_PATTERNS for token in row.tokens]


@pytest.mark.parametrize(("row", "token"), NAMES, ids=[token for _, token in NAMES])
def test_a_name_that_is_too_long_or_has_other_characters_is_refused(row, token):
    for name in (
        "n" * (row.max_length + 1),
        "n!" * row.min_length,
        "n" * (row.min_length - 1) + ".",
    ):
        error = refusal(request_for(token, name))
        assert error.code == row.code
        assert f"{row.min_length} to {row.max_length}" in error.message


@pytest.mark.parametrize(
    ("token", "name"),
    [
        ("resources:ResourceGroup", "rg_(a).b-c"),
        ("network:VirtualNetwork", "vnet.a-b_"),
        ("network:Subnet", "1"),
        ("network:ApplicationGateway", "a" * 80),
        ("servicenetworking:FrontendsInterface", "a" * 64),
    ],
)
def test_names_at_the_edge_of_what_is_allowed_are_accepted(token, name):
    request = request_for(token, name)
    rule = next(row for row in RULES if row.name == names.rule_name(token))
    assert rule.apply(request) is None
