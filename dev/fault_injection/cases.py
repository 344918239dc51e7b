"""The cases: operations, and the kinds of fault that are injected into them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

STACKS = ("dev", "prod")
"""The stacks of a sweep that names none."""
COMMANDS = ("up", "destroy")


@dataclass(frozen=True)
class Kind:
    """A kind of fault."""

    fault: str
    """Its name in the simulator."""
    what: str
    """What happens, for the page."""
    killed: Literal["", "provider", "engine"] = ""
    """The process that is killed while the operation has no answer."""


KINDS = {
    "fails": Kind("InternalServerError", "the operation ends with an error; nothing is done"),
    "crash": Kind(
        "hang-after",
        "the cloud does the operation, but the provider's process is killed before it answers",
        "provider",
    ),
    "lost": Kind("lost", "the cloud does the operation, but the engine receives an error"),
    "killed": Kind(
        "hang-after",
        "the cloud does the operation, but the engine is killed (SIGKILL) before the answer",
        "engine",
    ),
    "crash before": Kind(
        "hang", "the provider's process is killed before anything is done", "provider"
    ),
    "killed before": Kind("hang", "the engine is killed before anything is done", "engine"),
}


@dataclass(frozen=True)
class Operation:
    """What a run of the engine does to one resource."""

    operation: str
    """`create`, `update` or `delete`."""
    type: str
    name: str
    """The resource's logical name."""


@dataclass(frozen=True)
class Case:
    """An operation, and the kind of fault that is injected into it."""

    stack: str
    command: str
    kind: str
    operation: Operation
