"""Random configurations: broken ones end in order, accepted ones never fail in the cloud."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from cli.simulated.fixture import fixture_of
from components.problems import ConfigurationError, Problem
from components.settings.load import configuration
from components.settings.stack import SECTIONS
from tests.helpers import broken
from tests.helpers.stacks import ROOT, run_program
from tests.helpers.thoroughness import examples
from tests.helpers.valid import configurations, in_networks_of_others

BASES = ("dev", "prod", "vpn", "byo-vnet", "principal", "observability", "firewall")

JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=300),
    st.sampled_from(["", " ", "0.0.0.0/0", "10.20.0.0/16", "::/0", "\x00", "\ud800", "💥" * 9]),
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inside: (
            st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5), inside, max_size=3)
        ),
        max_leaves=8,
    ),
)


def problems(
    config: dict[str, Any], secret_keys: list[str] | None = None
) -> tuple[Problem, ...] | None:
    """What is wrong with a configuration, None if nothing is."""
    try:
        configuration(config, secret_keys)
    except ConfigurationError as error:
        return error.problems
    return None


def places(value: Any, way: tuple[int | str, ...] = ()) -> Iterator[tuple[int | str, ...]]:
    """The ways to everything in a configuration."""
    if way:
        yield way
    entries = value.items() if isinstance(value, dict) else ()
    for key, item in [*entries, *(enumerate(value) if isinstance(value, list) else ())]:
        yield from places(item, (*way, key))


@st.composite
def mutations(draw: st.DrawFn) -> dict[str, Any]:
    """An accepted configuration with up to three things replaced, taken away or added."""
    config = broken.base(draw(st.sampled_from(BASES)))
    for _ in range(draw(st.integers(1, 3))):
        way: list[Any] = list(draw(st.sampled_from(list(places(config)))))
        *parents, last = way
        target: Any = config
        for key in parents:
            target = target[key]
        match draw(st.sampled_from(["replace", "replace", "remove", "add", "twice"])):
            case "remove":
                del target[last]
            case "add" if isinstance(target[last], dict):
                target[last][draw(st.text(max_size=20))] = draw(JUNK)
            case "twice" if isinstance(target, list):
                target.append(target[last])
            case _:
                target[last] = draw(JUNK)
    return config


@settings(max_examples=examples(300), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutations(), st.sampled_from(["encrypted", "plain"]))
def test_whatever_a_configuration_holds_it_is_accepted_or_its_faults_are_reported(
    config: dict[str, Any], held: str
):
    found = problems(config, list(config) if held == "encrypted" else [])
    assert found is None or found
    for problem in found or ():
        assert problem.path.startswith(("aks-network:", "azure-native:location"))
        assert problem.rule
        assert problem.remedy
        assert str(problem).isprintable()


@settings(max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutations())
def test_pulumis_json_is_read_as_the_stack_file_is(config: dict[str, Any]):
    sections = {f"aks-network:{section}" for section in SECTIONS}
    texts = {
        key: json.dumps(value) if key in sections and not isinstance(value, str) else value
        for key, value in config.items()
    }
    assert problems(texts) == problems(config)


@settings(
    max_examples=examples(20),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(configurations())
def test_no_accepted_configuration_fails_in_the_simulated_cloud(config: dict[str, Any]):
    assume(problems(config) is None)
    recording = run_program(config)
    assert recording.of_type("containerservice:ManagedCluster")


@settings(
    max_examples=examples(10),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(in_networks_of_others())
def test_no_accepted_configuration_fails_in_what_others_have(drawn: tuple[str, dict[str, Any]]):
    example, config = drawn
    assume(problems(config) is None)
    recording = run_program(config, seed=fixture_of(ROOT / "examples" / f"{example}.yaml"))
    assert recording.of_type("containerservice:ManagedCluster")


def test_few_random_configurations_are_refused():
    """Or else the test before this one would look at a corner of the space only."""
    refused = {"own": 0, "others": 0}

    @settings(max_examples=100, deadline=None, database=None, phases=[Phase.generate])
    @given(configurations(), in_networks_of_others())
    def count(config: dict[str, Any], drawn: tuple[str, dict[str, Any]]) -> None:
        refused["own"] += problems(config) is not None
        refused["others"] += problems(drawn[1]) is not None

    count()
    assert max(refused.values()) <= 25
