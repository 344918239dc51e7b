"""What the simulated subscription is like, beside the resources in it: quotas, sizes, rights.

Nothing in the simulated cloud is refused because of it. It is what Azure tells whoever asks before
deploying (`simulator.azure.rest`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from simulator.errors import BadSetting
from support.nested import is_mapping

VARIABLE = "AZURE_SIM_SUBSCRIPTION"
"""YAML that is laid over the data file, such as `{quotas: {cores: 4}}`."""

_DATA = Path(__file__).with_suffix(".yaml")


@dataclass(frozen=True)
class Size:
    """A machine size."""

    name: str
    family: str
    vcpus: int
    spot: bool


@dataclass(frozen=True)
class Subscription:
    """The data file, with what was laid over it."""

    data: Mapping[str, Any]

    @classmethod
    def read(
        cls, over: Iterable[Mapping[str, Any]] = (), environment: Mapping[str, str] | None = None
    ) -> Subscription:
        """The data file with `over` and then the environment's variable laid over it.

        Raises `BadSetting` where either names what the data file does not have.
        """
        data: Mapping[str, Any] = yaml.safe_load(_DATA.read_text())
        known = set(data)
        for layer in (*over, *_from(environment or {})):
            unknown = sorted(set(layer) - known)
            if unknown:
                remedy = f"the keys are {', '.join(sorted(known))}"
                raise BadSetting("subscription", ", ".join(map(str, unknown)), remedy)
            data = _laid_over(data, layer)
        return cls(data)

    @property
    def sizes(self) -> list[Size]:
        """All machine sizes."""
        return [
            Size(name, family, vcpus, bool(row.get("spot", True)))
            for family, row in self.data["families"].items()
            for name, vcpus in _sizes(row)
        ]


def _sizes(row: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    sizes: Any = row["sizes"]
    if is_mapping(sizes):
        yield from sizes.items()
    else:
        yield from ((sizes.replace("{n}", str(n)), n) for n in row["vCPUs"])


def _from(environment: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    text = environment.get(VARIABLE, "")
    remedy = "write YAML, such as {quotas: {cores: 4}}"
    try:
        layer: Any = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise BadSetting(VARIABLE, text, remedy) from error
    if not is_mapping(layer):
        raise BadSetting(VARIABLE, text, remedy)
    yield layer


def _laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """The objects merged; anything but an object replaces what is below it."""
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        both = is_mapping(under) and is_mapping(value)
        merged[key] = _laid_over(under, value) if both else value  # pyright: ignore[reportArgumentType]
    return merged
