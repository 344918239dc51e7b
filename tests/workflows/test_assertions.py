"""Every test asserts something at every run.

A test that asserts only where a condition is met, inside a loop, passes without any assertion once
the condition is met nowhere. It asserts first that there is something to look at.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from support.repository import ROOT

FILES = sorted((ROOT / "tests").rglob("test_*.py"))


def assertions(body: list[ast.stmt], *, loop: bool, condition: bool) -> Iterator[bool]:
    """For each assertion, whether it stands under a condition in a loop."""
    for statement in body:
        match statement:
            case ast.Assert():
                yield loop and condition
            case ast.For() | ast.While():
                yield from assertions(statement.body, loop=True, condition=condition)
                yield from assertions(statement.orelse, loop=loop, condition=condition)
            case ast.If():
                sides = [
                    list(assertions(side, loop=loop, condition=False))
                    for side in (statement.body, statement.orelse)
                ]
                # One of two branches that both assert is taken in any case.
                both = all(not all(side) for side in sides)
                unsure = loop and (condition or not both)
                yield from (one or unsure for side in sides for one in side)
            case ast.With():
                if any("raises" in ast.unparse(item.context_expr) for item in statement.items):
                    yield loop and condition
                yield from assertions(statement.body, loop=loop, condition=condition)
            case ast.Try():
                yield from assertions(statement.body, loop=loop, condition=condition)
                yield from assertions(statement.finalbody, loop=loop, condition=condition)
            case _:
                pass
        if loop and _skips(statement):
            condition = True


def _skips(statement: ast.stmt) -> bool:
    """Whether a statement may leave out the rest of the loop's body for this round."""
    return isinstance(statement, ast.If) and any(
        isinstance(inner, ast.Continue) for inner in statement.body
    )


def conditional_tests(text: str) -> list[str]:
    """Names of the tests that assert only under a condition in a loop."""
    return [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        if (found := list(assertions(node.body, loop=False, condition=False))) and all(found)
    ]


def test_no_test_asserts_only_under_a_condition_in_a_loop():
    found = {str(file.relative_to(ROOT)): conditional_tests(file.read_text()) for file in FILES}
    assert len(found) > 100
    assert {file: names for file, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "body",
    [
        "for one in things():\n  if one.fits:\n   assert one",
        "for one in things():\n  if not one.fits:\n   continue\n  assert one",
        "for one in things():\n  if a:\n   assert one\n  elif b:\n   assert not one",
        "while more():\n  for one in things():\n   if one.fits:\n    assert one",
        "for one in things():\n  if one:\n   with pytest.raises(ValueError):\n    one.call()",
    ],
)
def test_a_test_that_may_assert_nothing_is_found(body: str):
    assert conditional_tests(f"def test_it():\n {body}\n") == ["test_it"]


@pytest.mark.parametrize(
    "body",
    [
        "fit = things()\n assert fit\n for one in fit:\n  assert one",
        "for one in things():\n  if one.fits:\n   assert one\n  else:\n   assert not one",
        "assert things()\n for one in things():\n  if one.fits:\n   assert one",
        "if one:\n  assert one",
        "for one in things():\n  assert one",
    ],
)
def test_a_test_that_asserts_in_any_case_is_left_alone(body: str):
    assert conditional_tests(f"def test_it():\n {body}\n") == []
