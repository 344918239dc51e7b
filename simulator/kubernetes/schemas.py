"""Kubernetes' published JSON schemas, from the package kubernetes-validate.

The package's own `validate` reads 1.5 MB of definitions for each object. Here they are read once.
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
"""The version whose schemas apply if the cluster's version is not known."""

_GROUP_DOMAIN = re.compile(r"^([^./]*)(?:\.[^/]*)?/")


@cache
def _root() -> Path:
    spec = find_spec("kubernetes_validate")
    if spec is None or spec.origin is None:
        raise RuntimeError("kubernetes-validate is not installed: pip install kubernetes-validate")
    return Path(spec.origin).parent / "kubernetes-json-schema"


@cache
def _directory(version: str) -> Path:
    """Directory of the newest published schemas that are not newer than `version`."""
    requested = tuple(int(part) for part in version.removeprefix("v").split(".")[:2])
    known: dict[tuple[int, ...], Path] = {}
    for item in _root().glob("v*-local-strict"):
        known[tuple(int(part) for part in item.name[1:].split("-")[0].split(".")[:2])] = item
    older = [key for key in known if key <= requested]
    if not older:
        raise ValueError(f"no schemas for Kubernetes {version}; oldest: {min(known)}")
    return known[max(older)]


def known(version: str, api_version: str, kind: str) -> bool:
    """Whether the kind is built into this version of Kubernetes."""
    return _file(version, api_version, kind).exists()


def _file(version: str, api_version: str, kind: str) -> Path:
    group = _GROUP_DOMAIN.sub(r"\1-", api_version)
    return _directory(version) / f"{kind.lower()}-{group}.json"


@cache
def _definitions(directory: Path) -> Any:
    from referencing import Resource

    return Resource.from_contents(json.loads((directory / "_definitions.json").read_bytes()))


def metadata(version: str) -> Any:
    """The schema of every object's metadata."""
    contents = json.loads(_file(version, "v1", "Namespace").read_bytes())
    return contents["properties"]["metadata"]


def validator(version: str, contents: Mapping[str, Any]) -> Any:
    """A validator for a schema, which can refer to the definitions of a Kubernetes version."""
    from jsonschema.validators import Draft202012Validator
    from referencing.jsonschema import EMPTY_REGISTRY

    registry = _definitions(_directory(version)) @ EMPTY_REGISTRY
    return Draft202012Validator(contents, registry=registry)


@cache
def _validator(version: str, api_version: str, kind: str) -> Any:
    return validator(version, json.loads(_file(version, api_version, kind).read_bytes()))


def problems(version: str, manifest: Mapping[str, Any]) -> Iterator[Problem]:
    """What in a manifest does not match the schema of its kind; unknown values always match."""
    return violations(_validator(version, manifest["apiVersion"], manifest["kind"]), manifest)


def violations(schema_validator: Any, manifest: Mapping[str, Any]) -> Iterator[Problem]:
    """What a validator finds in a manifest; unknown values always match."""
    for error in schema_validator.iter_errors(manifest):
        if isinstance(error.instance, Unknown):
            continue
        if error.validator in ("oneOf", "anyOf") and has_unknown(error.instance):
            continue
        path = "".join(
            f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path
        )
        yield Problem(path.lstrip(".") or "(object)", error.message)
