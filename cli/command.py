"""What all commands have in common: their arguments, and how they report an error.

Standard library only: `cli/bootstrap.py` uses it before anything is installed.
"""

from __future__ import annotations

import argparse
import functools
from collections.abc import Callable, Sequence
from pathlib import Path

from cli.console import Failure, say

Main = Callable[[Sequence[str]], int]

INTERRUPTED = 130
"""The exit status of a command that Ctrl-C ended, as shells report it."""


def parser(
    command: str, description: str | None, *, cloud: bool = True, state: bool = False
) -> argparse.ArgumentParser:
    """A parser with the arguments of a command on a stack.

    `command` is the module that `python -m` runs; `cloud` adds `--cloud`, and `state` adds
    `--state`, a file to read in place of the stack's state.
    """
    result = argparse.ArgumentParser(
        prog=f"python -m {command}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    result.add_argument("--stack", default="dev", help="name of the stack (default: dev)")
    if cloud:
        result.add_argument(
            "--cloud",
            default="simulated",
            choices=["simulated", "azure"],
            help="the simulated cloud (default), or Azure with your sign-in",
        )
    if state:
        result.add_argument(
            "--state", type=Path, help="read this output of `pulumi stack export` instead"
        )
    return result


def reports_errors(*expected: type[Exception]) -> Callable[[Main], Main]:
    """Let a command print `error: …` and return 1 on `Failure` and on the `expected` exceptions.

    Ctrl-C returns 130 without a traceback. Every other exception is a defect and passes through.
    """

    def decorate(main: Main) -> Main:
        @functools.wraps(main)
        def command(arguments: Sequence[str]) -> int:
            try:
                return main(arguments)
            except (Failure, *expected) as error:
                say(f"error: {error}")
                return 1
            except KeyboardInterrupt:
                return INTERRUPTED

        return command

    return decorate
