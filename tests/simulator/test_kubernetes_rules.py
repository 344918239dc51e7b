"""The list of the API server's rules as a whole: each has a source and is met by a test."""

from __future__ import annotations

from collections import Counter

from simulator.kubernetes import custom, rules, schemas, validation
from tests.simulator.test_kubernetes_custom import ACCEPTED, BY_RULE
from tests.simulator.test_kubernetes_validation import REFUSED

VERSION = "1.35"


def test_every_rule_is_met_by_a_test():
    met = {row.name for made, _ in [*REFUSED, *BY_RULE] for row, _ in rules.violations(made)}
    assert [row.name for row in rules.RULES if row.name not in met] == []


def test_every_module_of_rules_is_applied():
    registered = {row.check.__module__ for row in rules.RULES}
    assert registered == {module.__name__ for module in validation.MODULES}


def test_no_rule_refuses_what_is_right():
    assert [row.name for made in ACCEPTED for row, _ in rules.violations(made)] == []


def test_every_rule_has_a_name_of_its_own():
    names = Counter(row.name for row in rules.RULES)
    assert [name for name, times in names.items() if times > 1] == []


def test_every_rule_names_its_source_and_kinds_that_exist():
    there = {
        rules.kind_of({"apiVersion": version, "kind": kind}) for version, kind in custom.kinds()
    }
    for row in rules.RULES:
        assert row.source
        for kind in row.kinds:
            group, _, name = kind.rpartition("/")
            version = f"{group}/v1" if group else "v1"
            assert kind in there or schemas.known(VERSION, version, name), row.name
