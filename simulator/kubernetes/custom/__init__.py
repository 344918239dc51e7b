"""Schemas of custom kinds: a file for each API group, derived from its definitions.

In a file `kinds` contains the schema of a kind's `spec` by version, `required` the other required
properties of a kind, and `shapes` the shared schemas. Other kinds and versions have no schema.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

from simulator.azure.schema import Problem
from simulator.kubernetes import schemas
from support.nested import at, is_list, is_mapping, mapping

_HERE = Path(__file__).parent


@cache
def _group(name: str) -> Mapping[str, Any]:
    """The file of an API group; empty if there is none."""
    path = _HERE / f"{name}.yaml"
    if not path.exists():
        return {}
    import yaml

    return cast("Mapping[str, Any]", yaml.safe_load(path.read_text(encoding="utf-8")))


def groups() -> list[str]:
    """The API groups that have schemas."""
    return sorted(path.stem for path in _HERE.glob("*.yaml"))


def kinds() -> list[tuple[str, str]]:
    """All kinds that have a schema, as (apiVersion, kind)."""
    return [
        (f"{group}/{version}", kind)
        for group in groups()
        for kind, versions in _group(group)["kinds"].items()
        for version in versions
    ]


def known(api_version: str, kind: str) -> bool:
    """Whether this version of the kind has a schema."""
    group, _, version = api_version.rpartition("/")
    return at(_group(group), "kinds", kind, version) is not None


def problems(version: str, manifest: Mapping[str, Any]) -> Iterator[Problem]:
    """What in a manifest does not match the schema of its kind; unknown values always match.

    `version` is the Kubernetes version, whose schema applies to the metadata.
    """
    validator = _validator(version, str(manifest["apiVersion"]), str(manifest["kind"]))
    return schemas.violations(validator, manifest)


@cache
def _validator(version: str, api_version: str, kind: str) -> Any:
    name, _, own = api_version.rpartition("/")
    group = _group(name)
    return schemas.validator(
        version,
        {
            "$id": f"https://kubernetes.io/api/{api_version}/{kind}",
            "type": "object",
            "required": list(mapping(group, "required").get(kind, ())),
            "additionalProperties": False,
            "properties": {
                "apiVersion": {"const": api_version},
                "kind": {"const": kind},
                "metadata": schemas.metadata(version),
                "spec": _strict(group["kinds"][kind][own]),
                "status": {},
            },
            "shapes": _strict(group["shapes"]),
        },
    )


def _strict(shape: Any) -> Any:
    """The same shape, but objects cannot have properties that it does not list."""
    if is_list(shape):
        return [_strict(item) for item in shape]
    if not is_mapping(shape):
        return shape
    strict = {key: _strict(item) for key, item in shape.items()}
    if shape.get("type") == "object" and "properties" in shape:
        strict.setdefault("additionalProperties", False)
    return strict
