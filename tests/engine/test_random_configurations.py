"""Accepted random configurations through the real engine: up, nothing to change, nothing left.

Many more run under mocks, in `tests/components/settings/test_random.py`.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from cli.operator_values import OPERATOR_VALUES
from components.problems import ConfigurationError
from components.settings.load import configuration
from support.nested import at
from tests.engine.conftest import Deploy
from tests.helpers.valid import configurations


def accepted(count: int) -> list[dict[str, Any]]:
    """So many accepted configurations, the same at every run, without their secrets."""
    found: list[dict[str, Any]] = []

    @seed(8)
    @settings(
        max_examples=60,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    @given(configurations())
    def draw(config: dict[str, Any]) -> None:
        try:
            configuration(config)
        except ConfigurationError:
            return
        if not at(config, "aks-network:management", "gateway", "authorizationKey"):
            found.append(config)

    draw()
    chosen = sorted(found, key=lambda config: -len(str(config)))[:count]
    for config in chosen:
        for value in OPERATOR_VALUES:
            *parents, last = value.steps
            holder = at(config, *parents)
            if isinstance(holder, dict):
                holder.pop(last, None)
    return chosen


@pytest.mark.parametrize("number", range(3))
def test_an_accepted_configuration_comes_up_settles_and_vanishes(
    deploy: Deploy, number: int, monkeypatch: pytest.MonkeyPatch
):
    # What has a private API server says that it is reachable from here.
    monkeypatch.setenv("AZURE_SIM_VANTAGE", "inside")
    deployment = deploy(f"random-{number}", accepted(3)[number])

    deployment.up()
    deployment.expect_no_changes()

    deployment.unprotect()
    deployment.destroy()
    assert deployment.state() == []
    assert deployment.resources() == []
