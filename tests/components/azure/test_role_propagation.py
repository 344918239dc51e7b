"""Retries of a cluster whose identity's roles are not effective yet."""

from __future__ import annotations

import asyncio
from unittest import mock

import pulumi
import pytest

from components.azure import role_propagation

REFUSED = 'Status=403 Code="LinkedAuthorizationFailed" Message="…"'


def retried(*errors: str, operation: str = "create") -> tuple[bool, list[str]]:
    """Whether an operation with these errors, newest first, is repeated; and what is said."""
    args = pulumi.ErrorHookArgs(
        urn="urn", id="", name="cluster-aks", type="t", failed_operation=operation,
        errors=list(errors),
    )  # fmt: skip
    said: list[str] = []
    with (
        mock.patch.object(pulumi.log, "warn", said.append),
        mock.patch.object(pulumi.log, "error", said.append),
    ):
        again = asyncio.run(role_propagation.retry(args, delays=(0, 0)))
    return again, said


@pytest.mark.parametrize("code", role_propagation.CODES)
def test_a_role_that_is_not_effective_yet_is_waited_for(code: str):
    again, (said,) = retried(f'Status=400 Code="{code}"')
    assert again
    assert "trying again" in said


def test_after_the_last_attempt_the_operator_learns_what_to_do():
    again, (said,) = retried(REFUSED, REFUSED, REFUSED)
    assert not again
    assert "run it again" in said


def test_no_other_error_is_repeated():
    assert retried('Status=400 Code="SubnetIsFull"', REFUSED) == (False, [])
    assert retried(REFUSED, operation="delete") == (False, [])


def test_the_wait_is_as_long_as_azure_may_take():
    assert sum(role_propagation.DELAYS) == 600
