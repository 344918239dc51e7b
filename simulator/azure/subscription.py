"""The simulated subscription apart from its resources: regions, VM sizes, quotas, permissions.

The REST API (`simulator.azure.rest`) returns it to checks before a deployment. The simulated Azure
refuses what its regions do not offer (`simulator.azure.namespaces.offers`), but nothing because of
its quotas, registrations and permissions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from os import environ
from pathlib import Path
from typing import Any

import yaml

from simulator.errors import BadSetting
from support.nested import at, is_list, is_mapping

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
        data = _data()
        known = set(data)
        for layer in (*overrides, *_from(environment or {})):
            unknown = sorted(set(layer) - known)
            if unknown:
                remedy = f"the keys are {', '.join(sorted(known))}"
                raise BadSetting("subscription", ", ".join(map(str, unknown)), remedy)
            data = _merged(data, layer)
        return cls(data)

    @cached_property
    def sizes(self) -> list[Size]:
        """All VM sizes."""
        return [
            Size(name, family, vcpus, bool(row.get("spot", True)))
            for family, row in self.data["families"].items()
            for name, vcpus in _sizes(row)
        ]

    @cached_property
    def _sizes_by_name(self) -> dict[str, Size]:
        return {size.name.lower(): size for size in self.sizes}

    def size(self, name: str) -> Size | None:
        """The VM size of this name, whatever its case; None if Azure has none."""
        return self._sizes_by_name.get(name.lower())

    def zones(self, location: str) -> list[str]:
        """The availability zones of a region; empty for a region that has none or is unknown."""
        return list(at(self.data["regions"], location, "zones") or ())

    def usable_zones(self, size: Size, location: str) -> list[str] | None:
        """Zones in which the subscription may use a size; None if it may not use it in the region.

        A row `[westeurope]` restricts a size in whole regions, `{westeurope: ["1"]}` in zones.
        """
        restricted: Any = self.data["restrictions"].get(size.name, {})
        if is_list(restricted):
            return None if location in restricted else self.zones(location)
        return [zone for zone in self.zones(location) if zone not in restricted.get(location, ())]


def current() -> Subscription:
    """The subscription that this process's environment describes."""
    return _described(environ.get(VARIABLE, ""))


@cache
def _described(overrides: str) -> Subscription:
    return Subscription.read(environment={VARIABLE: overrides})


@cache
def _data() -> Mapping[str, Any]:
    # The parser in C takes a tenth of the time, where PyYAML was built with it.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(_DATA.read_text(), Loader=loader)  # noqa: S506 - both are safe loaders


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
