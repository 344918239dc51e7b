"""The page docs/performance.md: what keeps the program fast, and the figures of a run."""

from __future__ import annotations

from collections.abc import Sequence

from dev.benchmarks.tables import Section

_TEXT = """\
# Performance

This page shows how long a preview takes, how that time grows with the stack, and what keeps it low.
To measure it on your own machine, run `make bench`. With `ARGS="--write docs/performance.md"` it
also writes this page; no table here is written by hand.

Ratios and CPU seconds hold on a busy machine, too. Wall times do not, so look at the load first.

Measured on: {machine}.

## What keeps a preview fast

- **Version aliases are dropped** (`components/azure/common.py`). azure-native's SDK gives each
  resource up to 113 aliases, one for each API version of its type. They cost every run about 30 ms
  and 1 MB. The program has never written a state with versioned types, so it does not need them.
- **The garbage collector is off** during imports and registrations, which create no garbage, and
  when the interpreter exits (`__main__.py`).
- **The provider starts while the SDK is imported** (`components/deployment/sdk.py`). The engine
  starts a provider at the first request to it. The program sends one early, and then imports
  azure-native's namespaces in a thread.
- **Imports are lazy** per component (`components/deployment/`): a stack loads only what it uses.
- **Bytecode is cached.** Without the cache, every start would compile the SDK again. The Makefile
  therefore removes `PYTHONDONTWRITEBYTECODE` from the environment.
- **Packages are installed without compiling them.** Most of the SDK's modules are never imported.
  The others are compiled by their first import.
- **The simulated cloud caches its schemas**, which it derives from the SDK.

Three things are outside the program's control: the language host's `pip list`, the start of the
engine and of the language host, and the log calls that the SDK makes for each resource and waits
for.

{sections}
"""


def page(machine: str, sections: Sequence[Section], absent: Sequence[str] = ()) -> str:
    """The whole page; `absent` are the benchmarks without a section."""
    parts = [str(section) for section in sections]
    if absent:
        parts.append(f"Not measured in this run: {', '.join(absent)}.")
    return _TEXT.format(machine=machine, sections="\n\n".join(parts))
