"""The page docs/performance.md: what was done for speed, and the figures as they were measured."""

from __future__ import annotations

from collections.abc import Sequence

from dev.benchmarks.tables import Section

_TEXT = """\
# Performance

`make bench` measures everything and prints it; with `ARGS="--write docs/performance.md"` it writes
this page, of which no table is written by hand. Ratios and processor seconds hold on a busy
machine, wall times do not: look at the load.

Measured on: {machine}.

## What keeps a preview fast

- **Aliases.** azure-native's SDK gives each resource up to 113 aliases, one for each API version
  of its type, and spends some 30 ms and 1 MB on them. They are dropped
  (`components/azure/common.py`): this program never wrote a state with versioned types.
- **The garbage collector** is kept out of imports and registrations, in which nothing becomes
  garbage, and out of the interpreter's end (`__main__.py`).
- **The provider starts while the SDK is imported.** The engine starts a provider at the first
  question to it; the program asks one before it imports the namespaces of azure-native, which a
  thread does meanwhile (`components/deployment/sdk.py`).
- **Imports are lazy** by component: a stack pays for what it uses (`components/deployment/`).
- **Bytecode is kept.** Without it every start compiles the SDK anew: the Makefile takes
  `PYTHONDONTWRITEBYTECODE` out of the environment.
- **Packages are installed without being compiled**: most of the SDK's modules are never imported,
  and those that are get compiled by their first import.
- **The simulated cloud** derives its schemas from the SDK once and keeps them.

Not in the program's hands: the language host's `pip list`, the engine's and the language host's
own start, and what the SDK logs for each resource, calls that it waits for.

{sections}
"""


def page(machine: str, sections: Sequence[Section], absent: Sequence[str] = ()) -> str:
    """The whole page; `absent` are the benchmarks that have no section in it."""
    parts = [str(section) for section in sections]
    if absent:
        parts.append(f"Not measured in this run: {', '.join(absent)}.")
    return _TEXT.format(machine=machine, sections="\n\n".join(parts))
