"""Retries of objects whose definitions AKS is still installing."""

from __future__ import annotations

import asyncio
from unittest import mock

import pulumi

from components.kubernetes import definitions

MISSING = 'no matches for kind "Gateway" in version "gateway.networking.k8s.io/v1"'


def retried(*errors: str, operation: str = "create") -> tuple[bool, list[str]]:
    """Whether an operation with these errors, newest first, is repeated; and what is said."""
    args = pulumi.ErrorHookArgs(
        urn="urn", id="", name="ingress-applications-gateway", type="t",
        failed_operation=operation, errors=list(errors),
    )  # fmt: skip
    said: list[str] = []
    with mock.patch.object(pulumi.log, "warn", said.append):
        again = asyncio.run(definitions.retry(args, delays=(0, 0)))
    return again, said


def test_a_definition_that_is_not_there_yet_is_waited_for():
    again, (said,) = retried(f"creation of resource failed: {MISSING}")
    assert again
    assert "trying again" in said


def test_after_the_last_attempt_the_error_stands():
    assert retried(MISSING, MISSING, MISSING) == (False, [])


def test_no_other_error_and_no_deletion_is_repeated():
    assert retried("the object has been modified", MISSING) == (False, [])
    assert retried(MISSING, operation="delete") == (False, [])
