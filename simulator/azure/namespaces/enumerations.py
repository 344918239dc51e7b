"""Extensible enumerations of those namespaces whose services check the values.

The SDK and azure-native accept any text for an extensible enumeration, and so do many services.
The services in `NAMESPACES` accept only the values of the API version.
"""

from __future__ import annotations

from simulator.azure import schema
from simulator.azure.model import Request
from simulator.azure.rules import Refusal, Rule, register
from support import arm_ids

# (namespace, error code, source)
NAMESPACES: tuple[tuple[str, str, str], ...] = (
    ("network", "InvalidRequestFormat", "github.com/Azure/azure-cli/issues/1619"),
    ("containerservice", "BadRequest", "REST: managedClusters, agentPools"),
)

ELSEWHERE = frozenset({"sku.name", "sku.tier"})
"""Paths that have a rule of their own, or none, in the module of their type."""


def rule_name(namespace: str) -> str:
    """The name of the rule for a namespace."""
    return f"{namespace}_knows_the_values"


def _values_are_known(request: Request) -> Refusal | None:
    kind = request.type
    for problem in schema.problems(kind.module_schema, kind.shape["inputs"], request.inputs):
        if problem.kind == "open value" and problem.path not in ELSEWHERE:
            return Refusal(f"{problem.path}: {problem.reason}.", problem.path)
    return None


for _namespace, _code, _source in NAMESPACES:
    _types = tuple(token for token in arm_ids.PATHS if token.startswith(f"{_namespace}:"))
    _row = (rule_name(_namespace), _code, 400, _source, "enumerations", _types, "put")
    register(Rule(*_row, _values_are_known))

TYPES = ()
