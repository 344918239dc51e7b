"""Follows a request through all steps, and stops at the one that breaks."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence

from analysis.reachability.request_path import (
    backend,
    client,
    dns,
    entry,
    front_door,
    response,
)
from analysis.reachability.request_path.request import Outcome, Request, Step

StepFunction = Callable[[Request], Step | None]
"""A step: what becomes of a request there; None if the request does not pass it."""

STEPS: tuple[StepFunction, ...] = (
    dns.dns,
    backend.load_balancer_probe,
    entry.public_address,
    entry.listener,
    entry.firewall,
    front_door.front_door,
    backend.backend,
    entry.controller_certificate,
    backend.backend_probe,
    backend.load_balancer,
    backend.pods,
    response.return_path,
    client.client_address,
)
"""All steps in the order of a request. A load balancer whose probe fails admits nothing, so that
step comes before those that connect to it. Another check of the path is one more function."""
_WIDTH, _NAME = 100, 26


def follow(request: Request, steps: Sequence[StepFunction] = STEPS) -> tuple[Step, ...]:
    """The steps of a request, up to the one that breaks."""
    found: list[Step] = []
    for function in steps:
        step = function(request)
        if step is None:
            continue
        found.append(step)
        if step.outcome is Outcome.BREAKS:
            break
    return tuple(found)


def text(request: Request, steps: Iterable[Step]) -> str:
    """A request with its steps, for the terminal."""
    lines = [f"A request for {request.title}"]
    for step in steps:
        label = f"  {step.outcome:<6}  {step.name:<{_NAME}}"
        lines += textwrap.wrap(
            label + step.detail, _WIDTH, subsequent_indent=" " * len(label), break_on_hyphens=False,
            break_long_words=False,
        )  # fmt: skip
    return "\n".join(lines)
