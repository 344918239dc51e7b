"""Holds request bodies against the models that Microsoft publishes for its APIs.

The packages `azure-mgmt-network` and `azure-mgmt-containerservice` carry, made from the API's own
specification, each model's properties, types, value ranges, patterns and known values. Nothing in
them checks a body any more; this walker does. The versions pinned are the last whose models have
these tables.

Bodies are in azure-native's wire names: `properties` is flattened away, ids of user-assigned
identities are a list.
"""

from __future__ import annotations

import functools
import importlib
import json
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from simulator.azure.api_versions import VERSIONS
from tests.helpers.derive_models import path_of

MODULES = {
    "network": "azure.mgmt.network.models",
    "containerservice": "azure.mgmt.containerservice.models",
}
LATER = {
    "AgentPool": frozenset({"localDNSProfile"}),
    "ManagedClusterAgentPoolProfile": frozenset({"localDNSProfile"}),
}
"""Model to the properties of azure-native's API version that the package's version lacks.

azure-native sends 2025-09-01 to AKS, the package has the models of 2025-08-01.
"""
LATER_VALUES = {("AgentPool", "osSKU"): frozenset({"windows2025"})}
"""Model and property to the values, in lower case, that a later version has: that of
`components.azure.api_versions`, whose own models `version_problems` looks at."""
OF_ANOTHER_VERSION = {
    name: frozenset(keys)
    for versions in VERSIONS.values()
    for version in versions.values()
    for name, keys in version.properties.items()
}
"""Model to the properties that only another API version has; `version_problems` checks these."""
_PLAIN = {"str": str, "int": int, "bool": bool, "float": (int, float)}
_BOUNDS = ("minimum", "maximum", "min_length", "max_length", "pattern")
_VARTYPE = re.compile(r":vartype (\w+):\s+([^:]*?)(?=\n\s*:|\n\s*\"|\Z)", re.DOTALL)


def model_of(token: str) -> Any | None:
    """The model of a type such as `network:Subnet`, None where the packages have none."""
    module, _, name = token.partition(":")
    return _model(module, name) if module in MODULES else None


@functools.cache
def _model(module: str, name: str) -> Any | None:
    return getattr(importlib.import_module(MODULES[module]), name, None)


def problems(module: str, model: Any, body: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """What the model forbids in a body: `path: what is wrong`."""
    model = _subtype(module, model, body)
    rules: Mapping[str, Mapping[str, Any]] = getattr(model, "_validation", {})
    names = {_wire(entry["key"]): name for name, entry in model._attribute_map.items()}
    for key, name in names.items():
        if rules.get(name, {}).get("required") and body.get(key) is None:
            yield f"{path}{key}: required"
    for key, value in body.items():
        name = names.get(key)
        if value is None:
            continue  # Pulumi sends no nulls.
        if name is None:
            later = LATER.get(model.__name__, frozenset[str]())
            if key not in later | OF_ANOTHER_VERSION.get(model.__name__, frozenset[str]()):
                yield f"{path}{key}: unknown to {model.__name__}"
            continue
        rule = rules.get(name, {})
        if rule.get("readonly"):
            yield f"{path}{key}: read-only"
        kind = model._attribute_map[name]["type"]
        known = _known_values(model).get(name)
        later = LATER_VALUES.get((model.__name__, key), frozenset[str]())
        rule = {**rule, "known": known | later if known else None}
        yield from _problems(module, kind, rule, value, path + key)


def version_problems(
    module: str, version: str, name: str, body: Mapping[str, Any], path: str = ""
) -> Iterator[str]:
    """What Microsoft's model of an API version forbids in a body; see `derive_models`."""
    tables = _tables(module, version)
    for key, value in body.items():
        entry = tables["models"][name].get(key)
        if value is None:
            continue
        if entry is None:
            yield f"{path}{key}: unknown to {name}"
        elif entry.get("readonly"):
            yield f"{path}{key}: read-only"
        else:
            yield from _version_problems(module, version, entry["type"], value, path + key)


def _version_problems(module: str, version: str, kind: str, value: Any, path: str) -> Iterator[str]:
    tables = _tables(module, version)
    if path.endswith("identity.userAssignedIdentities"):
        return  # azure-native takes a list of ids
    if kind.startswith(("[", "{")):
        if not isinstance(value, list if kind[0] == "[" else dict):
            yield f"{path}: expected {kind}"
            return
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _version_problems(module, version, kind[1:-1], item, f"{path}[{key}]")
    elif kind in tables["enums"]:
        known = tables["enums"][kind]
        if str(value).lower() not in {item.lower() for item in known}:
            yield f"{path}: {value!r} is not one of {', '.join(known)}"
    elif kind in tables["models"]:
        yield from version_problems(module, version, kind, value, f"{path}.")
    elif kind in _PLAIN:
        wrong = isinstance(value, bool) != (kind == "bool")
        if wrong or not isinstance(value, _PLAIN[kind]):
            yield f"{path}: expected {kind}, got {value!r}"


@functools.cache
def _tables(module: str, version: str) -> dict[str, Any]:
    return json.loads(path_of(module, version).read_text())


def bounds_of(
    module: str, model: Any, path: str = "", above: frozenset[str] = frozenset()
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Path and bounds of each number and text that a body can have; items of a list are `[]`."""
    rules: Mapping[str, Mapping[str, Any]] = getattr(model, "_validation", {})
    for name, entry in model._attribute_map.items():
        rule, kind = rules.get(name, {}), entry["type"]
        where = path + _wire(entry["key"])
        if rule.get("readonly"):
            continue
        bounds = {key: rule[key] for key in _BOUNDS if key in rule}
        if bounds and kind in _PLAIN:
            bounds |= {"pattern": rule["pattern"].replace(r"\/", "/")} if "pattern" in rule else {}
            yield where, bounds
        while kind.startswith("["):
            kind, where = kind[1:-1], f"{where}[]"
        inner = _model(module, kind)
        if inner is not None and hasattr(inner, "_attribute_map") and kind not in above:
            yield from bounds_of(module, inner, f"{where}.", above | {kind})


def _problems(
    module: str, kind: str, rule: Mapping[str, Any], value: Any, path: str
) -> Iterator[str]:
    if kind.startswith(("[", "{")):
        if path.endswith("identity.userAssignedIdentities") and isinstance(value, list):
            value = {reference: {} for reference in value}
        if not isinstance(value, list if kind[0] == "[" else dict):
            yield f"{path}: expected {kind}"
            return
        yield from _size(rule, value, path)
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from _problems(
                module, kind[1:-1], {"known": rule.get("known")}, item, f"{path}[{key}]"
            )
    elif kind in _PLAIN:
        wrong = isinstance(value, bool) != (kind == "bool")
        if wrong or not isinstance(value, _PLAIN[kind]):
            yield f"{path}: expected {kind}, got {value!r}"
            return
        yield from _limits(rule, value, path)
    elif (model := _model(module, kind)) is not None and hasattr(model, "_attribute_map"):
        if isinstance(value, Mapping):
            yield from problems(module, model, value, f"{path}.")
        else:
            yield f"{path}: expected {kind}"


def _limits(rule: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
    if "minimum" in rule and value < rule["minimum"]:
        yield f"{path}: {value} is below {rule['minimum']}"
    if "maximum" in rule and value > rule["maximum"]:
        yield f"{path}: {value} is above {rule['maximum']}"
    if "pattern" in rule and not re.search(rule["pattern"], str(value)):
        yield f"{path}: {value!r} does not match {rule['pattern']}"
    yield from _size(rule, value, path)
    known = rule.get("known")
    if known is not None and str(value).lower() not in known:
        yield f"{path}: {value!r} is not one of {', '.join(sorted(known))}"


def _size(rule: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
    if "max_length" in rule and len(value) > rule["max_length"]:
        yield f"{path}: longer than {rule['max_length']}"
    if "min_length" in rule and len(value) < rule["min_length"]:
        yield f"{path}: shorter than {rule['min_length']}"


def _wire(key: str) -> str:
    """`properties.addressPrefix` as azure-native has it; `\\.` is a dot within a name."""
    return re.split(r"(?<!\\)\.", key)[-1].replace("\\.", ".")


def _subtype(module: str, model: Any, body: Mapping[str, Any]) -> Any:
    """The model that the discriminator among the properties picks, at any depth."""
    for name, choices in model.__dict__.get("_subtype_map", {}).items():
        key = _wire(model._attribute_map[name]["key"])
        chosen = choices.get(body.get(key))
        if chosen:
            return _subtype(module, _model(module, chosen), body)
    return model


@functools.cache
def _known_values(model: Any) -> dict[str, frozenset[str]]:
    """Attribute to its known values in lower case, from the types in the documentation."""
    found: dict[str, frozenset[str]] = {}
    for ancestor in reversed(model.__mro__):
        for match in _VARTYPE.finditer(ancestor.__dict__.get("__doc__") or ""):
            reference = re.search(r"~(azure\.mgmt\.\w+\.models)\.(\w+)", match.group(2))
            if reference is None:
                continue
            named = getattr(importlib.import_module(reference.group(1)), reference.group(2), None)
            if isinstance(named, type) and issubclass(named, Enum):
                values = frozenset(str(item.value).lower() for item in named)
                found[match.group(1)] = values
    return found
