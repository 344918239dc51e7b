"""Destroying a stack in two steps."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cli import two_step_destroy
from simulator.azure import catalog, durations

LONG_SECONDS = 200
BASTION = "azure-native:network:BastionHost"
GROUP = "azure-native:resources:ResourceGroup"


@dataclass
class Stack:
    """A workspace whose state is a file, and the commands that ran in the foreground."""

    state: Path
    ran: list[list[str]] = field(default_factory=list[list[str]])
    statuses: list[int] = field(default_factory=list[int])

    def command(self, command: str, stack: str, *arguments: str) -> list[str]:
        if command == "stack export":
            return ["cat", str(self.state)]
        return [command, stack, *arguments]

    def environment(self) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin"}

    def has_stacks(self) -> bool:
        return True

    def run(self, command: Sequence[str], environment: dict[str, str]) -> int:
        assert environment == self.environment()
        self.ran.append(list(command))
        return self.statuses.pop(0) if self.statuses else 0


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    result = Stack(tmp_path / "state.json")
    monkeypatch.setattr(two_step_destroy, "run_in_foreground", result.run)
    return result


def _deploy(stack: Stack, *types: str) -> list[str]:
    urns = [f"urn:pulumi:s::p::{kind}::name{index}" for index, kind in enumerate(types)]
    resources = [{"urn": urn, "type": kind} for urn, kind in zip(urns, types, strict=True)]
    stack.state.write_text(json.dumps({"deployment": {"resources": resources}}))
    return urns


def _destroy(stack: Stack) -> int:
    return two_step_destroy.destroy_in_two_steps(stack, "prod", ["--in-two-steps", "--diff"])


def test_what_takes_long_is_destroyed_first(stack: Stack):
    bastion, _ = _deploy(stack, BASTION, GROUP)
    assert _destroy(stack) == 0
    first = ["destroy", "prod", "--target", bastion, "--target-dependents", "--diff"]
    assert stack.ran == [first, ["destroy", "prod", "--diff"]]


def test_without_slow_deletions_one_step_is_enough(stack: Stack):
    _deploy(stack, GROUP)
    assert _destroy(stack) == 0
    assert stack.ran == [["destroy", "prod", "--diff"]]


def test_a_first_step_that_fails_is_the_last(stack: Stack):
    _deploy(stack, BASTION)
    stack.statuses = [3]
    assert _destroy(stack) == 3
    assert len(stack.ran) == 1


def test_the_slow_deletions_are_those_of_the_documented_durations():
    slow = {
        f"azure-native:{token}"
        for token in catalog.by_token()
        if durations.seconds("delete", token) >= LONG_SECONDS
    }
    assert slow
    assert slow == two_step_destroy.SLOW_DELETIONS
