"""The list of rules as a whole: each has a source, known types, and a test that meets it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from simulator.azure import catalog
from simulator.azure.cloud import Cloud
from simulator.azure.model import Request
from simulator.azure.namespaces import names
from simulator.azure.namespaces.network import ranges
from simulator.azure.rules import RULES, enforce
from simulator.errors import AzureError
from tests.simulator.rule_proofs import Proofs, is_published

GROUP = "/subscriptions/s/resourceGroups/rg"


def test_every_rule_is_met_by_a_test(proofs: Proofs):
    assert [f"{rule.namespace}: {rule.name}" for rule in RULES if rule.name not in proofs.met] == []


def test_every_code_is_named_by_a_test_that_meets_its_rule(proofs: Proofs):
    assert [
        f"{rule.namespace}: {rule.name}: {rule.code}"
        for rule in RULES
        if is_published(rule) and rule.name not in proofs.named
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
