"""Intervals, services and boxes against plain sets: the arithmetic that everything stands on."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.reachability import services
from analysis.reachability.intervals import Intervals, union
from analysis.reachability.traffic import Flow, Rule, first_match

LIMIT = 6
bounded = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
intervals = st.builds(
    Intervals.of,
    st.lists(st.tuples(st.integers(0, LIMIT), st.integers(0, LIMIT)), max_size=3),
)


def members(value: Intervals) -> set[int]:
    return {number for low, high in value for number in range(low, high + 1)}


@bounded
@given(intervals, intervals)
def test_intervals_are_sets(one: Intervals, other: Intervals):
    assert members(one | other) == members(one) | members(other)
    assert members(one & other) == members(one) & members(other)
    assert members(one - other) == members(one) - members(other)
    assert (one <= other) == (members(one) <= members(other))
    assert bool(one) == bool(members(one))
    assert one.size == len(members(one))


@bounded
@given(intervals, intervals)
def test_a_set_has_one_form_only(one: Intervals, other: Intervals):
    assert (one | other) - other == one - other
    assert (one == other) == (members(one) == members(other))


rules = st.lists(st.builds(Rule, st.text("abc", max_size=3), st.booleans(), *[intervals] * 3))
EVERYTHING = Intervals.of([(0, LIMIT)])
REST = Rule("rest", allow=False, sources=EVERYTHING, destinations=EVERYTHING, services=EVERYTHING)


@bounded
@given(st.builds(Flow, intervals, intervals, intervals), rules)
def test_the_first_rule_that_matches_decides_on_every_single_packet(flow: Flow, listed: list[Rule]):
    listed = [*listed, REST]
    verdict = first_match(listed, flow)
    seen: dict[tuple[int, int, int], tuple[bool, str]] = {}
    for allowed, parts in ((True, verdict.allowed), (False, verdict.denied)):
        for part in parts:
            for packet in packets(part):
                assert packet not in seen, "pieces never overlap"
                seen[packet] = (allowed, part.reasons[-1])
    for packet in packets(flow):
        first = next(
            rule
            for rule in listed
            if all(
                number in members(side)
                for number, side in zip(
                    packet, (rule.sources, rule.destinations, rule.services), strict=True
                )
            )
        )
        assert seen.pop(packet) == (first.allow, first.name)
    assert not seen, "nothing comes out that did not go in"


def packets(flow: Flow) -> list[tuple[int, int, int]]:
    return [
        (source, destination, service)
        for source in members(flow.sources)
        for destination in members(flow.destinations)
        for service in members(flow.services)
    ]


def test_a_list_of_rules_that_does_not_decide_is_an_error():
    everything = Intervals.of([(0, 1)])
    with pytest.raises(ValueError, match="no rule matches"):
        first_match([], Flow(everything, everything, everything))


@pytest.mark.parametrize(
    ("protocol", "ports", "text"),
    [
        ("Tcp", ["22", "3389"], "tcp 22, 3389"),
        ("Tcp", ["65200-65535"], "tcp 65200-65535"),
        ("Udp", ["53"], "udp 53"),
        ("Tcp", ["*"], "tcp"),
        ("Icmp", ["*"], "icmp"),
        ("Icmp", ["22"], "none"),
        ("*", ["443"], "tcp 443; udp 443; sctp 443"),
        ("*", ["*"], "all"),
    ],
)
def test_what_a_rule_matches_reads_as_it_is_written(protocol: str, ports: list[str], text: str):
    assert services.text(services.from_rule(protocol, ports)) == text


def test_nearly_everything_is_said_by_what_is_missing():
    assert services.text(services.EVERYTHING - services.tcp(22, 3389)) == "all but tcp 22, 3389"


def test_neighbouring_ports_are_one_range():
    assert services.text(union([services.tcp(80), services.tcp(81)])) == "tcp 80-81"
