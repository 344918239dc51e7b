"""Exceptions of a stack's owner: what they accept, when they end, and how their file is checked."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from analysis.audit import RULES, AuditException, ExceptionsError, audit, parse_exceptions
from analysis.audit.show import render
from cli.audit import exceptions
from cli.console import Failure
from tests.helpers.audited import exported_by

LAST_DAY = dt.date(2027, 6, 30)
ENTRY = {
    "rule": "AKS-1",
    "stacks": ["dev"],
    "resource": "ManagedCluster *",
    "reason": "developers have no fixed addresses",
    "expires": LAST_DAY,
}
IDS = [rule.id for rule in RULES]


def parsed(**changes: Any) -> tuple[AuditException, ...]:
    return parse_exceptions({"exceptions": [{**ENTRY, **changes}]}, rules=IDS, stacks=["dev"])


def audited(*accepted: AuditException, today: dt.date = LAST_DAY) -> tuple[list[str], list[str]]:
    """The rules with findings, and those of accepted violations."""
    result = audit(exported_by("dev"), "dev", exceptions=accepted, today=today)
    return [one.rule.id for one in result.findings], [one.rule.id for one in result.accepted]


def test_an_exception_accepts_what_it_names_until_its_last_day():
    assert audited(*parsed()) == ([], ["AKS-1"])
    assert audited(*parsed(), today=LAST_DAY + dt.timedelta(days=1)) == (["AKS-1"], [])


def test_an_accepted_violation_is_printed_with_its_reason_and_its_last_day():
    result = audit(exported_by("dev"), "dev", exceptions=parsed(), today=LAST_DAY)
    assert "until 2027-06-30: developers have no fixed addresses" in render(result, RULES)


@pytest.mark.parametrize(
    "changes",
    [
        {"resource": "VirtualMachine *"},
        {"resource": "ManagedCluster somebodys"},
        {"detail": "*something else*"},
        {"rule": "AKS-2"},
    ],
)
def test_an_exception_accepts_nothing_else_and_is_reported_as_unused(changes: dict[str, str]):
    accepted = parsed(**changes)
    result = audit(exported_by("dev"), "dev", exceptions=accepted, today=LAST_DAY)
    assert [one.rule.id for one in result.findings] == ["AKS-1"]
    assert result.unused == accepted
    text = render(result, RULES)
    assert "audit-exceptions.yaml, exceptions[0] (" in text
    assert "matches no violation of this stack; remove it" in text


def test_an_unused_exception_alone_fails_the_audit():
    accepted = (*parsed(), *parsed(rule="AKS-2"))
    result = audit(exported_by("dev"), "dev", exceptions=accepted, today=LAST_DAY)
    assert not result.findings
    assert not result.passed


def test_an_exception_for_other_stacks_is_neither_applied_nor_unused():
    (one,) = parse_exceptions({"exceptions": [{**ENTRY, "stacks": ["prod"]}]}, rules=IDS)
    result = audit(exported_by("dev"), "dev", exceptions=[one], today=LAST_DAY)
    assert [finding.rule.id for finding in result.findings] == ["AKS-1"]
    assert result.unused == ()


def test_an_expired_exception_says_what_to_do():
    later = LAST_DAY + dt.timedelta(days=1)
    result = audit(exported_by("dev"), "dev", exceptions=parsed(), today=later)
    assert not result.passed
    assert result.unused == ()
    text = render(result, RULES)
    assert "exceptions[0] (AKS-1 on ManagedCluster *) expired on 2027-06-30: fix it, or" in text


def test_an_exception_with_a_later_day_takes_over():
    accepted = (*parsed(), *parsed(expires="2028-01-01"))
    assert audited(*accepted, today=LAST_DAY + dt.timedelta(days=1)) == ([], ["AKS-1"])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"rule": "AKS-99"}, ".rule: AKS-99 — must be a rule of the audit; use an id"),
        ({"rule": None}, ".rule: is required; use an id that `make audit` prints"),
        ({"rule": 3}, ".rule: must be text; use quotes"),
        ({"resource": ""}, ".resource: is required; use kind and name"),
        ({"reason": "because"}, ".reason: because — must have at least 15 characters"),
        ({"expires": "soon"}, ".expires: soon — must be a date; use a day such as 2027-06-30"),
        ({"expires": dt.datetime(2027, 1, 1, tzinfo=dt.UTC)}, ".expires: 2027-01-01"),
        ({"expires": None}, ".expires: is required; use a day"),
        ({"stacks": []}, ".stacks: is required; list the stacks"),
        ({"stacks": "dev"}, ".stacks: must be a list of names; list the stacks"),
        ({"stacks": ["prd"]}, ".stacks: prd — must be a stack or an example; use one of dev"),
        ({"until": "2027"}, ".until: must be one of rule, stacks, resource, reason, expires"),
    ],
)
def test_an_entry_that_is_not_valid_says_where_what_and_how(changes: dict[str, Any], expected: str):
    with pytest.raises(ExceptionsError) as raised:
        parsed(**changes)
    assert str(raised.value).startswith(f"audit-exceptions.yaml, exceptions[0]{expected}")


def test_all_problems_of_a_file_are_reported_at_once():
    with pytest.raises(ExceptionsError) as raised:
        parse_exceptions({"exceptions": ["AKS-1", {**ENTRY, "rule": "X", "expires": 1}]}, rules=IDS)
    lines = str(raised.value).splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "audit-exceptions.yaml, exceptions[0]",
        "audit-exceptions.yaml, exceptions[1].rule",
        "audit-exceptions.yaml, exceptions[1].expires",
    ]


@pytest.mark.parametrize("document", [None, [], "x", {"exceptions": {}}, {"exemptions": []}])
def test_a_file_of_another_form_is_refused(document: Any):
    if document == {"exceptions": {}}:
        document = {"exceptions": {"rule": "AKS-1"}}
    with pytest.raises(ExceptionsError, match="must be an object with a list `exceptions`"):
        parse_exceptions(document, rules=IDS)


def test_the_file_is_read_beside_the_stack_files(tmp_path: Path):
    assert exceptions(tmp_path) == ()
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}")
    file = tmp_path / "audit-exceptions.yaml"
    file.write_text(
        "exceptions: [{rule: AKS-1, stacks: [dev], resource: 'ManagedCluster *',"
        " reason: developers have no fixed addresses, expires: 2027-06-30}]"
    )
    assert exceptions(tmp_path) == parsed()
    file.write_text("exceptions: [")
    with pytest.raises(Failure, match=r"audit-exceptions.yaml, line 1, column 14: must be YAML"):
        exceptions(tmp_path)


def test_each_exception_of_the_repository_has_a_stack_and_a_reason():
    assert {one.rule for one in exceptions()} == {"AKS-1", "AKS-5"}
