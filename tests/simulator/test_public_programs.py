"""Programs of others come up, stay as they are, and go.

Each is deployed, previewed and refreshed without a change, and destroyed.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from simulator.azure.provider import AzureNative
from tests.simulator.programs import clusters, landscapes
from tests.simulator.programs.program import Program

PROGRAMS = [
    clusters.quick_start,
    clusters.template,
    clusters.registry,
    clusters.encrypted,
    clusters.pools,
    landscapes.nat,
    landscapes.gateway,
    landscapes.spoke,
]


@pytest.mark.parametrize("deploy", PROGRAMS)
def test_a_usual_program_comes_up_stays_and_goes(
    provider: AzureNative, deploy: Callable[[Program], None]
):
    program = Program(provider)
    deploy(program)
    program.expect_no_changes()
    program.destroy()


def test_a_program_that_changes_is_found(provider: AzureNative):
    program = Program(provider)
    clusters.quick_start(program)
    urn, inputs, state = program.resources[-1]
    provider.cloud.put("containerservice:ManagedCluster", {**inputs, "tags": {"a": "b"}})
    program.resources[-1] = (urn, {**inputs, "tags": {}}, state)
    with pytest.raises(AssertionError):
        program.expect_no_changes()
