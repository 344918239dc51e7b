"""What the hosts of listeners and routes have in common."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.reachability import hosts

PATTERNS = st.sampled_from(
    ["", "a.com", "b.com", "x.a.com", "y.x.a.com", "*.a.com", "*.x.a.com", "*.com", "A.com"]
)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("", "", ""),
        ("", "a.com", "a.com"),
        ("a.com", "", "a.com"),
        ("a.com", "a.com", "a.com"),
        ("a.com", "b.com", None),
        ("*.a.com", "x.a.com", "x.a.com"),
        ("x.a.com", "*.a.com", "x.a.com"),
        ("*.a.com", "*.x.a.com", "*.x.a.com"),
        ("*.a.com", "a.com", None),
        ("*.a.com", "*.b.com", None),
        ("*.a.com", "x.ba.com", None),
    ],
)
def test_the_narrower_of_two_patterns_is_what_they_have_in_common(
    one: str, other: str, expected: str | None
):
    assert hosts.common(one, other) == expected


@given(PATTERNS, PATTERNS)
def test_it_does_not_matter_which_pattern_comes_first(one: str, other: str):
    first, second = hosts.common(one, other), hosts.common(other, one)
    assert (first and first.lower()) == (second and second.lower())


@given(PATTERNS, PATTERNS, PATTERNS)
def test_nor_in_which_order_three_meet(one: str, other: str, third: str):
    def meet(*patterns: str) -> str | None:
        found: str | None = ""
        for pattern in patterns:
            found = None if found is None else hosts.common(found, pattern)
        return found and found.lower()

    assert meet(one, other, third) == meet(third, other, one)
