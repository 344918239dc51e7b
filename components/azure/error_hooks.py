"""Repeats a failed operation after a wait, by the engine's error hooks."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Sequence
from typing import Protocol

import pulumi


class Retry(Protocol):
    """Decides whether a failed operation is repeated, and waits before it is."""

    def __call__(
        self, args: pulumi.ErrorHookArgs, *, delays: tuple[float, ...]
    ) -> Awaitable[bool]: ...


def latest_error(args: pulumi.ErrorHookArgs) -> str:
    """The error of the last attempt; empty for a deletion, which is never repeated."""
    return args.errors[0] if args.errors and args.failed_operation != "delete" else ""


async def wait(args: pulumi.ErrorHookArgs, delays: Sequence[float], why: str) -> bool:
    """Wait for the next attempt and say why; returns False after the last one.

    `delays` are the seconds to wait before each attempt.
    """
    attempt = len(args.errors)
    if attempt > len(delays):
        return False
    delay = delays[attempt - 1]
    pulumi.log.warn(f"{args.name}: {why}; trying again in {delay:.0f} seconds")
    await asyncio.sleep(delay)
    return True


def on_error(name: str, retry: Retry, delays: tuple[float, ...]) -> pulumi.ResourceHookBinding:
    """Hooks for the options of a resource; `name` is the hook's own."""
    hook = pulumi.ErrorHook(name, functools.partial(retry, delays=delays))
    return pulumi.ResourceHookBinding(on_error=[hook])
