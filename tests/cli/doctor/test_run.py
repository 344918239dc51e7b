"""All checks together, what is planned, and the report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from cli.doctor import run
from cli.doctor.context import Context
from cli.doctor.findings import CheckUnavailable, Finding, Lazy, Result, failed, ok, warning
from cli.doctor.planned_resources import arm_type, tokens
from cli.doctor.run import Check, Group
from cli.doctor.show import render
from components.settings.load import Configuration
from support.arm_ids import PATHS
from support.tables import Terminal
from tests.cli.doctor.contexts import context
from tests.helpers.stacks import STACKS, recorded


@pytest.mark.parametrize("stack", STACKS)
def test_what_is_planned_is_what_the_program_registers(stack: str):
    registered: dict[str, int] = {}
    for one in recorded(stack).azure():
        token = one.type.removeprefix("azure-native:")
        registered[token] = registered.get(token, 0) + 1
    assert tokens(context(stack).planned.get()) == registered


def test_planned_names_are_those_that_the_program_gives():
    ids = {one.id(context().subscription.split("/")[2]) for one in context().planned.get()}
    assert {one.id for one in recorded("dev").cloud.store.of_type("network:Subnet")} <= ids


@pytest.mark.parametrize("token", PATHS)
def test_every_type_has_its_name_in_azures_permissions(token: str):
    assert re.fullmatch(r"Microsoft\.[A-Za-z]+(/[A-Za-z]+)+", arm_type(token, {"recordType": "A"}))


def _defective(_: Context) -> Iterator[Finding]:
    yield ok("before", "found")
    raise KeyError("x")


def _silent(_: Context) -> Iterator[Finding]:
    raise CheckUnavailable("nobody answers", "try again")
    yield ok("never", "")


def _fails(_: Context) -> Iterator[Finding]:
    yield failed("it", "is broken", "repair it")


def test_no_check_keeps_another_from_its_result(monkeypatch: pytest.MonkeyPatch):
    checks = (Check("a", _defective), Check("b", _silent), Check("c", _fails))
    monkeypatch.setattr(run, "CHECKS", {"group": checks})
    (group,) = run.run(context())
    found = [(one.title, one.result) for one in group.findings]
    assert found == [
        ("before", Result.OK),
        ("a", Result.UNCHECKED),
        ("b", Result.UNCHECKED),
        ("it", Result.FAILED),
    ]
    assert "KeyError" in group.findings[1].detail


def test_only_a_failure_makes_the_exit_status():
    unchecked = CheckUnavailable("why", "what").finding("it")
    fine = (ok("it", "is well"), warning("it", "is old", "renew it"), unchecked)
    assert run.status([Group("group", fine)]) == 0
    assert run.status([Group("group", (*fine, failed("it", "is broken", "repair it")))]) == 1


def test_a_configuration_with_problems_fails_and_the_rest_is_still_checked():
    def broken() -> Configuration:
        raise CheckUnavailable("Pulumi.dev.yaml: a problem", "make plan shows them all")

    checked = Lazy(broken)

    def planned() -> list[object]:
        checked.get()
        return []

    about = replace(context(), checked=checked, planned=Lazy(planned))  # pyright: ignore[reportArgumentType]
    found = [one for group in run.run(about) for one in group.findings]
    failures = [one.title for one in found if one.result == Result.FAILED]
    assert failures == ["Configuration"]
    assert not [one for one in found if "the check itself failed" in one.detail]
    assert Result.OK in {one.result for one in found}
    unchecked = {one.title for one in found if one.result == Result.UNCHECKED}
    assert {"Region", "Resource providers", "vCPUs", "Resource groups"} <= unchecked


LONG = "aks-network:ingress.waf.certificate.pfx is missing, and nothing else of it is here"
COMMAND = "pulumi config set --stack dev --secret --path 'aks-network:ingress.waf.certificate.pfx'"
REPORT = [
    Group("Tools", (ok("Python", "3.11.7"), ok("Python", "3.12.1"))),
    Group("Stack", (failed("Secrets and keys", LONG, COMMAND),)),
    Group(
        "Sign-in",
        tuple(
            CheckUnavailable("nobody is signed in", "az login").finding(n) for n in ("Who", "Where")
        ),
    ),
]


@pytest.mark.parametrize("width", [80, 100, 120])
def test_no_line_is_wider_than_the_terminal(width: int):
    text = render(REPORT, Terminal(width))
    assert max(map(len, text.splitlines())) <= width
    assert " ".join(text.split()).count(" ".join(COMMAND.split())) == 1


def test_colours_are_used_only_where_they_are_asked_for():
    assert "\033" not in render(REPORT)
    coloured = render(REPORT, Terminal(80, colours=True))
    assert "\033[1;31mFAILED" in coloured
    assert re.sub(r"\033\[[\d;]*m", "", coloured) == render(REPORT)


def test_one_reason_for_many_checks_is_reported_once():
    text = render(REPORT)
    assert text.count("nobody is signed in") == 1
    assert "for the same reason as Who" in text
    assert text.count("az login") == 1


def test_short_findings_of_one_subject_share_a_line_and_all_are_counted():
    text = render(REPORT)
    assert "3.11.7, 3.12.1" in text
    assert text.endswith("2 ok, 0 warning, 1 failed, 2 could not be checked")
