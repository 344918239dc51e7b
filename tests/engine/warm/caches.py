"""Fills the caches that each process would fill for itself, before the processes are forked."""

from __future__ import annotations

import importlib
import sys
from typing import Any, get_args

import pulumi
import pulumi_azure_native
from pulumi import _types
from pulumi.runtime import resource
from pulumi.runtime.proto import source_pb2

from simulator.azure.catalog import by_token
from simulator.kubernetes import custom, schemas

LATE = ("grpc.experimental", "jsonschema")
"""Modules that are imported at their first use."""


def fill() -> None:
    """Fill the caches of the SDK and of the simulated providers."""
    for module in LATE:
        importlib.import_module(module)
    resolved: set[Any] = set()
    for token, kind in by_token().items():
        _ = kind.shape
        namespace, _, name = token.partition(":")
        found = getattr(getattr(pulumi_azure_native, namespace), name)
        module = sys.modules[found.__module__]
        _resolve(getattr(module, module.__all__[0]), resolved)
        for hint in _types.resource_types(found).values():
            _resolve(hint, resolved)
    schemas.metadata(schemas.DEFAULT_VERSION)
    for api_version, kind in custom.kinds():
        list(custom.problems(schemas.DEFAULT_VERSION, {"apiVersion": api_version, "kind": kind}))


def _resolve(hint: Any, resolved: set[Any]) -> None:
    """Have the SDK resolve the annotations of a type and of all types that it is made of."""
    for part in get_args(hint):
        _resolve(part, resolved)
    if isinstance(hint, type) and hint not in resolved:
        resolved.add(hint)
        if _types.is_input_type(hint):
            hints = _types.input_type_types(hint)
        elif _types.is_output_type(hint):
            hints = _types.output_type_types(hint)
        else:
            return
        for part in hints.values():
            _resolve(part, resolved)


def omit_what_nobody_reads() -> None:
    """Spare the engine a stack trace with each resource and a debug message with each property."""
    resource._get_stack_trace = source_pb2.StackTrace
    pulumi.log.debug = lambda *_, **__: None
