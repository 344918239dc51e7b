"""What each kind of fault leaves in the cloud and in the record."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from simulator import timeline
from simulator.errors import (
    InitializationFailed,
    Refused,
)
from simulator.store import JournalStore
from simulator.wire import Properties
from tests.simulator.engine import Engine, urn


def fault(what: str, operation: str = "create", which: str = "1") -> dict[str, str]:
    return {"AZURE_SIM_FAULTS": f"{operation}:azure-native:network:VirtualNetwork:{which}:{what}"}


def networks(asked: Engine) -> list[Any]:
    return JournalStore(asked.directory).of_type("network:VirtualNetwork")


def test_an_operation_that_fails_leaves_nothing_and_succeeds_the_next_time(engine):
    asked = engine(**fault("InternalServerError"))
    with pytest.raises(Refused, match='Code="InternalServerError"'):
        asyncio.run(asked.network())
    assert networks(asked) == []
    asyncio.run(asked.network())
    assert [record.outcome for record in asked.records()] == ["InternalServerError", "succeeded"]


def test_a_transient_status_is_retried_and_recorded(engine):
    asked = engine(**fault("429"))
    asyncio.run(asked.network())
    assert asked.records()[0].retries == (timeline.Retry("TooManyRequests", 10),)


def test_a_lasting_status_exhausts_the_retries(engine):
    asked = engine(**fault("503", which="*"))
    with pytest.raises(Refused, match="Status=503"):
        asyncio.run(asked.network())
    assert asked.retried() == ["ServiceUnavailable"] * 3
    assert networks(asked) == []


def test_a_lost_answer_leaves_what_was_done(engine):
    asked = engine(**fault("lost"))
    with pytest.raises(Refused, match="context deadline exceeded"):
        asyncio.run(asked.network())
    assert len(networks(asked)) == 1
    assert asked.record("vnet").outcome == "lost"


def test_a_failed_creation_is_reported_with_what_exists(engine):
    asked = engine(**fault("failed"))
    with pytest.raises(InitializationFailed) as caught:
        asyncio.run(asked.network())
    (made,) = networks(asked)
    assert caught.value.id == made.id
    assert caught.value.outputs == made.outputs
    assert made.outputs["provisioningState"] == "Failed"


def test_a_failed_deletion_leaves_the_resource(engine):
    asked = engine(**fault("failed", "delete"))
    network = asyncio.run(asked.network())
    with pytest.raises(Refused, match="ended as Failed"):
        asyncio.run(asked.delete("network:VirtualNetwork", network))
    assert len(networks(asked)) == 1


def test_a_read_can_fail(engine):
    asked = engine(**fault("AuthorizationFailed", "read"))
    made = asyncio.run(asked.network())
    read = asked.provider.read(urn("network:VirtualNetwork"), made.id, Properties(), Properties())
    with pytest.raises(Refused, match="AuthorizationFailed"):
        asyncio.run(read)


def test_a_hanging_operation_never_answers(engine):
    asked = engine(**fault("hang-after"))

    async def run() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asked.network(), 0.1)

    asyncio.run(run())
    assert len(networks(asked)) == 1
    assert asked.record("vnet").outcome == "hang-after"
