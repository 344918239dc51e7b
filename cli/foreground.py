"""Runs a command in the foreground, so that a signal reaches it and it ends in its own time."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Mapping, Sequence
from types import FrameType

from support.repository import ROOT


def run_in_foreground(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run `command` at the repository's root until it ends by itself; returns its exit status.

    Signals that ask this process to end are meant for the command: Pulumi cancels what runs and
    saves its state. Ctrl-C in a terminal reaches the command anyway; a signal sent to this process
    only is passed on.
    """
    process: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def wait(_: int, __: FrameType | None) -> None:
        """Pulumi received the signal too. When it ends, this process ends."""

    def pass_on(number: int, _: FrameType | None) -> None:
        if process is None:
            early.append(number)
        else:
            process.send_signal(number)

    handlers = {signal.SIGINT: wait, signal.SIGTERM: pass_on, signal.SIGHUP: pass_on}
    for number, handler in handlers.items():
        # nohup ignores SIGHUP on purpose.
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    for number in early:
        process.send_signal(number)
    status = process.wait()
    return status if status >= 0 else 128 - status
