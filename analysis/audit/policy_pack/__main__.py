"""The audit's rules as a Pulumi policy pack: `pulumi up --policy-pack analysis/audit/policy_pack`.

Each rule of `analysis/audit/` becomes one policy over the whole stack; only the wrapping is here.
Critical and high rules stop the run, the others are advisory. The rules of how the state keeps
secrets are left out: Pulumi hands secrets to policies in plain text.

A preview does not know everything. Of a resource with a value that is unknown yet nothing is told
then; the run itself judges it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pulumi
from pulumi_policy import (  # pyright: ignore[reportMissingImports]
    EnforcementLevel,
    PolicyPack,
    ReportViolation,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError  # pyright: ignore[reportMissingImports]

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from analysis.audit import EXCEPTIONS, RULES, Rule, audit
from analysis.audit.model import texts

MANDATORY = ("critical", "high")
UNKNOWN = object()
"""In the place of a value that a preview doesn't know."""


def validation(rule: Rule) -> Callable[[StackValidationArgs, ReportViolation], None]:
    """What Pulumi calls with all resources of a stack, for one rule."""

    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        resources = as_exported(args.resources)
        if not any(item["type"].startswith("azure-native:") for item in resources):
            return  # a preview of a stack that is to be destroyed
        known = {item["id"]: item["urn"] for item in resources if not item["gaps"]}
        for finding in audit(resources, stack_name(), rules=[rule], exceptions=EXCEPTIONS).findings:
            if finding.resource.id in known:
                report(f"{finding}", known[finding.resource.id])

    return validate


def as_exported(resources: Sequence[Any]) -> list[dict[str, Any]]:
    """Resources as an export of the state has them; their properties are inputs and outputs in one.

    Pulumi hands policies no ids. What another resource refers to is known by its type and name in
    that reference; of the rest nobody asks. `gaps` are the paths of what a preview doesn't know.
    """
    found: list[dict[str, Any]] = []
    for resource in resources:
        gaps: list[str] = []
        properties = plain(resource.props, gaps)
        found.append(
            {
                "type": resource.resource_type,
                "urn": resource.urn,
                "inputs": {},
                "outputs": properties,
                "gaps": gaps,
            }
        )
    references = {text for item in found for text in texts(item["outputs"]) if text[:1] == "/"}
    ids = {text.lower().partition("/providers/")[2]: text for text in references}
    for item in found:
        name, kind = item["outputs"].get("name"), item["outputs"].get("type")
        logical = item["urn"].rpartition("::")[2]
        item["id"] = ids.get(f"{kind}/{name}".lower(), f"{item['urn']}/{name or logical}")
    return found


def plain(value: Any, gaps: list[str], path: str = "") -> Any:
    """A value without the proxies that Pulumi puts around it, which raise at what is unknown."""
    if isinstance(value, Mapping):
        found = {key: part(value, key, gaps, f"{path}.{key}") for key in value}
        return {key: item for key, item in found.items() if item is not UNKNOWN}
    if isinstance(value, Sequence) and not isinstance(value, str):
        items = [part(value, place, gaps, f"{path}[{place}]") for place in range(len(value))]
        return [item for item in items if item is not UNKNOWN]
    return value


def part(whole: Any, key: Any, gaps: list[str], path: str) -> Any:
    """What a collection has at a key, UNKNOWN where a preview can't know."""
    try:
        return plain(whole[key], gaps, path)
    except UnknownValueError:
        gaps.append(path)
        return UNKNOWN


def stack_name() -> str:
    """The stack that is judged: exceptions are a stack's own."""
    return str(pulumi.get_stack())


PolicyPack(
    name="aks-network",
    policies=[
        StackValidationPolicy(
            name=rule.id.lower(),
            description=f"{rule.title} ({rule.source})",
            enforcement_level=EnforcementLevel.MANDATORY
            if rule.severity in MANDATORY
            else EnforcementLevel.ADVISORY,
            validate=validation(rule),
        )
        for rule in RULES
        if not rule.of_state
    ],
)
