"""Derives the tables of `published_models.Table` from a package of Microsoft's.

Its models carry the properties, types, visibilities and known values of an API version. (Ranges and
patterns are left out: models made from TypeSpec lack them.) The environment has room for one
version of a package only, so the tables of further versions are derived once and kept as JSON
beside this module:

    pip download --no-deps azure-mgmt-containerservice==41.2.0 && unzip -q *.whl -d models
    PYTHONPATH=models python -m tests.helpers.derive_models containerservice 2026-03-01

For network 2025-03-01 the package is azure-mgmt-network 30.1.0.
"""

from __future__ import annotations

import enum
import importlib
import inspect
import json
import re
import sys
import typing
from pathlib import Path
from typing import Any

ROOTS = {
    "containerservice": ("ManagedCluster", "AgentPool", "MaintenanceConfiguration"),
    "network": ("NatGateway", "PublicIPAddress"),
}
"""The models of each module that tests look at, with all that they contain."""
_VARTYPE = re.compile(r":vartype (\w+): .*?~azure\.mgmt\.\w+\.models\.(\w+)")
_SIMPLE = {str: "str", int: "int", float: "float", bool: "bool"}


def path_of(module: str, version: str) -> Path:
    """The file with the tables of an API version."""
    return Path(__file__).with_name("models") / f"{module}-{version}.json"


def derive(module: str) -> dict[str, Any]:
    """{"models": {name: {property: {"type", "readonly", "required"}}}, "enums": {name: values}}."""
    walker = _Walker(importlib.import_module(f"azure.mgmt.{module}.models"))
    for name in ROOTS[module]:
        walker.model(name)
    return {
        "models": dict(sorted(walker.models.items())),
        "enums": dict(sorted(walker.enums.items())),
    }


class _Walker:
    def __init__(self, module: Any) -> None:
        self._module = module
        self._namespace = {**vars(module), "_models": module}
        self.models: dict[str, Any] = {}
        self.enums: dict[str, list[str]] = {}

    def model(self, name: str) -> None:
        if name in self.models:
            return
        table: dict[str, Any] = {}
        self.models[name] = table
        cls = getattr(self._module, name)
        if hasattr(cls, "_attribute_map"):
            self._older_model(cls, table)
            return
        for ancestor in reversed(cls.__mro__):
            for attribute, hint in inspect.get_annotations(ancestor).items():
                field = vars(ancestor).get(attribute)
                if field is None or not hasattr(field, "_rest_name_input"):
                    continue
                inner = self._evaluate(hint, ancestor)
                entry: dict[str, Any] = {"type": self._type(inner)}
                if field._visibility == ["read"]:
                    entry["readonly"] = True
                elif not _is_optional(inner):
                    entry["required"] = True
                wire = field._rest_name_input or attribute
                if wire == "properties" and entry["type"] in self.models:
                    table.update(self.models[entry["type"]])  # azure-native flattens it
                else:
                    table[wire] = entry

    def _older_model(self, cls: Any, table: dict[str, Any]) -> None:
        """A model made from Swagger, which names its enumerations in its docstring only."""
        documented: dict[str, str] = dict(_VARTYPE.findall(cls.__doc__ or ""))
        for attribute, given in cls._attribute_map.items():
            kind, rule = given["type"], cls._validation.get(attribute, {})
            if kind == "str" and attribute in documented:
                kind = self._named(getattr(self._module, documented[attribute]))
            elif not rule.get("readonly") and hasattr(self._module, inner := kind.strip("[]{}")):
                self.model(inner)
            entry: dict[str, Any] = {"type": kind}
            entry |= {flag: True for flag in ("readonly", "required") if rule.get(flag)}
            table[given["key"].rpartition(".")[2]] = entry

    def _evaluate(self, hint: Any, owner: type) -> Any:
        source = vars(sys.modules[owner.__module__])
        return eval(hint, {**source, **self._namespace}) if isinstance(hint, str) else hint  # noqa: S307

    def _type(self, hint: Any) -> str:
        if isinstance(hint, (str, typing.ForwardRef)):
            text = hint if isinstance(hint, str) else hint.__forward_arg__
            hint = eval(text, self._namespace)  # noqa: S307
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin is typing.Union:
            members = [item for item in arguments if item is not type(None)]
            kinds = [self._type(item) for item in members]
            return next((kind for kind in kinds if kind in self.enums), kinds[0])
        if origin is list:
            return f"[{self._type(arguments[0])}]"
        if origin is dict:
            return f"{{{self._type(arguments[1])}}}"
        return _SIMPLE[hint] if hint in _SIMPLE else self._named(hint)

    def _named(self, hint: Any) -> str:
        name = getattr(hint, "__name__", "any")
        if isinstance(hint, type) and issubclass(hint, enum.Enum):
            self.enums[name] = [str(item.value) for item in hint]
        elif isinstance(hint, type) and hasattr(self._module, name):
            self.model(name)
        return name


def _is_optional(hint: Any) -> bool:
    return type(None) in typing.get_args(hint)


def text_of(tables: dict[str, Any]) -> str:
    """JSON with a line for each model and each enumeration."""
    parts = [
        f'"{key}": {{\n' + ",\n".join(f'"{k}": {json.dumps(v)}' for k, v in rows.items()) + "\n}"
        for key, rows in tables.items()
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    module, version = sys.argv[1:]
    target = path_of(module, version)
    target.parent.mkdir(exist_ok=True)
    target.write_text(text_of(derive(module)))
