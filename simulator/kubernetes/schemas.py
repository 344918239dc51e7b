"""Kubernetes' published JSON schemas, out of the kubernetes-validate package.

The package's own `validate` reads 1.5 MB of definitions for each object; here they are read once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from simulator.azure.schema import Problem
from simulator.wire import Unknown, has_unknown

DEFAULT_VERSION = "1.35"
"""The version that objects are held against where no cluster says which."""

_GROUP_DOMAIN = re.compile(r"^([^./]*)(?:\.[^/]*)?/")


@cache
def _root() -> Path:
    spec = find_spec("kubernetes_validate")
    if spec is None or spec.origin is None:
        raise RuntimeError("kubernetes-validate is not installed: pip install kubernetes-validate")
    return Path(spec.origin).parent / "kubernetes-json-schema"


@cache
def _directory(version: str) -> Path:
    """Schemas of the newest published version that is not newer than `version`."""
    wanted = tuple(int(part) for part in version.removeprefix("v").split(".")[:2])
    known: dict[tuple[int, ...], Path] = {}
    for item in _root().glob("v*-local-strict"):
        known[tuple(int(part) for part in item.name[1:].split("-")[0].split(".")[:2])] = item
    older = [key for key in known if key <= wanted]
    if not older:
        raise ValueError(f"no schemas for Kubernetes {version}; oldest: {min(known)}")
    return known[max(older)]


def known(version: str, api_version: str, kind: str) -> bool:
    """Whether this kind is part of Kubernetes itself in this version."""
    return _file(version, api_version, kind).exists()


def _file(version: str, api_version: str, kind: str) -> Path:
    group = _GROUP_DOMAIN.sub(r"\1-", api_version)
    return _directory(version) / f"{kind.lower()}-{group}.json"


@cache
def _definitions(directory: Path) -> Any:
    from referencing import Resource

    return Resource.from_contents(json.loads((directory / "_definitions.json").read_bytes()))


def metadata(version: str) -> Any:
    """The schema that the metadata of every object have."""
    contents = json.loads(_file(version, "v1", "Namespace").read_bytes())
    return contents["properties"]["metadata"]


def validator(version: str, contents: Mapping[str, Any]) -> Any:
    """Checks against a schema, which may refer to the definitions of Kubernetes' version."""
    from jsonschema.validators import Draft202012Validator
    from referencing.jsonschema import EMPTY_REGISTRY

    registry = _definitions(_directory(version)) @ EMPTY_REGISTRY
    return Draft202012Validator(contents, registry=registry)


@cache
def _validator(version: str, api_version: str, kind: str) -> Any:
    return validator(version, json.loads(_file(version, api_version, kind).read_bytes()))


def problems(version: str, manifest: Mapping[str, Any]) -> Iterator[Problem]:
    """What in a manifest the schema of its kind refuses; unknown values always fit."""
    return found(_validator(version, manifest["apiVersion"], manifest["kind"]), manifest)


def found(checks: Any, manifest: Mapping[str, Any]) -> Iterator[Problem]:
    """What such checks find in a manifest; unknown values always fit."""
    for error in checks.iter_errors(manifest):
        if isinstance(error.instance, Unknown):
            continue
        if error.validator in ("oneOf", "anyOf") and has_unknown(error.instance):
            continue
        path = "".join(
            f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path
        )
        yield Problem(path.lstrip(".") or "(object)", error.message)
