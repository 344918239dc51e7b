"""The simulated subscription apart from its resources: quotas, VM sizes, permissions.

The simulated cloud refuses nothing because of it. The REST API (`simulator.azure.rest`) returns it
to checks before a deployment.
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
"""YAML that overrides the data file, such as `{quotas: {cores: 4}}`."""

_DATA = Path(__file__).with_suffix(".yaml")


@dataclass(frozen=True)
class Size:
    """A VM size."""

    name: str
    family: str
    vcpus: int
    spot: bool


@dataclass(frozen=True)
class Subscription:
    """The data file with its overrides."""

    data: Mapping[str, Any]

    @classmethod
    def read(
        cls,
        overrides: Iterable[Mapping[str, Any]] = (),
        environment: Mapping[str, str] | None = None,
    ) -> Subscription:
        """The data file, overridden by `overrides` and then by the environment's variable.

        Raises `BadSetting` if an override has a key that the data file does not have.
        """
        data: Mapping[str, Any] = yaml.safe_load(_DATA.read_text())
        known = set(data)
        for layer in (*overrides, *_from(environment or {})):
            unknown = sorted(set(layer) - known)
            if unknown:
                remedy = f"the keys are {', '.join(sorted(known))}"
                raise BadSetting("subscription", ", ".join(map(str, unknown)), remedy)
            data = _merged(data, layer)
        return cls(data)

    @property
    def sizes(self) -> list[Size]:
        """All VM sizes."""
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
    remedy = "use YAML, such as {quotas: {cores: 4}}"
    try:
        layer: Any = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise BadSetting(VARIABLE, text, remedy) from error
    if not is_mapping(layer):
        raise BadSetting(VARIABLE, text, remedy)
    yield layer


def _merged(base: Mapping[str, Any], override: Mapping[str, Any]) -> dict[str, Any]:
    """The objects merged; any other value replaces the one in `base`."""
    merged = dict(base)
    for key, value in override.items():
        old = merged.get(key)
        merged[key] = _merged(old, value) if is_mapping(old) and is_mapping(value) else value
    return merged
