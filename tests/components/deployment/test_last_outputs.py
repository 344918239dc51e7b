"""The outputs of the last run, read while the engine may be writing them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from unittest import mock

import pytest

from components.deployment import stack_outputs

EOF = Exception(
    "invoke of pulumi:pulumi:readStackOutputs failed: invocation of "
    "pulumi:pulumi:readStackOutputs returned an error: failed to load checkpoint: EOF"
)
FOUND = mock.Mock(value={"outputs": {"clusterName": "aks"}})


@pytest.fixture(autouse=True)
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waited: list[float] = []
    monkeypatch.setattr("components.deployment.stack_outputs.time.sleep", waited.append)
    return waited


def last_outputs(*answers: Any) -> Mapping[str, Any]:
    with mock.patch.object(stack_outputs, "invoke", side_effect=answers):
        return stack_outputs.last_outputs()


def test_a_state_that_is_being_written_is_read_again(waited: list[float]):
    assert last_outputs(EOF, EOF, FOUND) == {"clusterName": "aks"}
    assert waited == [0.1, 0.2]


def test_a_state_that_stays_unreadable_fails_the_run(waited: list[float]):
    with pytest.raises(Exception, match="failed to load checkpoint"):
        last_outputs(*[EOF] * 6)
    assert sum(waited) == pytest.approx(3.1)


def test_another_failure_is_reported_at_once(waited: list[float]):
    with pytest.raises(Exception, match="no such stack"):
        last_outputs(Exception("no such stack"), FOUND)
    assert waited == []
