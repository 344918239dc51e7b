"""The audit's rules as a Pulumi policy pack: `pulumi up --policy-pack analysis/audit/policy_pack`.

Each rule of `analysis/audit/` becomes one stack policy; this module only wraps them. Critical and
high rules are mandatory and stop the run, the others are advisory. Rules about how the state stores
secrets are left out, because Pulumi passes secrets to policies in plain text.

In a preview some values are unknown. The pack reports nothing about a resource with an unknown
value during the preview; the update itself evaluates it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pulumi
import yaml
from pulumi_policy import (  # pyright: ignore[reportMissingImports]
    EnforcementLevel,
    PolicyPack,
    ReportViolation,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError  # pyright: ignore[reportMissingImports]

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from analysis.audit import RULES, Rule, audit, parse_exceptions
from analysis.audit.exceptions import FILE
from support.arm_ids import AZURE
from support.repository import ROOT
from support.secrets import visible_texts
from support.type_tokens import plain_token

MANDATORY = ("critical", "high")
EXCEPTIONS = (
    parse_exceptions(yaml.safe_load((ROOT / FILE).read_text()), rules=[rule.id for rule in RULES])
    if (ROOT / FILE).exists()
    else ()
)
"""The violations that the stacks' owners accept."""
UNKNOWN = object()
"""Placeholder for a value that a preview does not know."""


class Exported:
    """The resources of a stack, as `as_exported` returns them, for all rules of a run."""

    def __init__(self) -> None:
        self._given: Sequence[Any] | None = None
        self._resources: list[dict[str, Any]] = []

    def of(self, resources: Sequence[Any]) -> list[dict[str, Any]]:
        """Convert the resources, unless the rule before asked for the same list."""
        if self._given is not resources:
            self._given, self._resources = resources, as_exported(resources)
        return self._resources


exported = Exported()


def validation(rule: Rule) -> Callable[[StackValidationArgs, ReportViolation], None]:
    """The function that Pulumi calls with all resources of a stack, for one rule."""

    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        resources = exported.of(args.resources)
        if not any(item["type"].startswith(AZURE) for item in resources):
            return  # the preview of a stack that is being destroyed
        known = {item["id"]: item["urn"] for item in resources if not item["unknown"]}
        for finding in audit(resources, stack_name(), rules=[rule], exceptions=EXCEPTIONS).findings:
            if finding.resource.id in known:
                report(f"{finding}", known[finding.resource.id])

    return validate


def as_exported(resources: Sequence[Any]) -> list[dict[str, Any]]:
    """Resources in the format of an exported state; all properties become outputs.

    Pulumi passes no resource ids to policies. If another resource refers to a resource, its id is
    found in that reference by type and name; other resources get a synthetic id. `unknown` lists
    the paths of unknown values.
    """
    found: list[dict[str, Any]] = []
    for resource in resources:
        unknown: list[str] = []
        properties = to_json_data(resource.props, unknown)
        found.append(
            {
                "type": plain_token(resource.resource_type),
                "urn": resource.urn,
                "inputs": {},
                "outputs": properties,
                "unknown": unknown,
            }
        )
    texts = {text for item in found for text in visible_texts(item["outputs"])}
    ids = {text.lower().partition("/providers/")[2]: text for text in texts if text[:1] == "/"}
    for item in found:
        name, kind = item["outputs"].get("name"), item["outputs"].get("type")
        logical = item["urn"].rpartition("::")[2]
        item["id"] = ids.get(f"{kind}/{name}".lower(), f"{item['urn']}/{name or logical}")
    return found


def to_json_data(value: Any, unknown: list[str], path: str = "") -> Any:
    """A value without Pulumi's proxies, which raise an error on access to unknown values."""
    if isinstance(value, Mapping):
        found = {key: part(value, key, unknown, f"{path}.{key}") for key in value}
        return {key: item for key, item in found.items() if item is not UNKNOWN}
    if isinstance(value, Sequence) and not isinstance(value, str):
        items = [part(value, index, unknown, f"{path}[{index}]") for index in range(len(value))]
        return [item for item in items if item is not UNKNOWN]
    return value


def part(whole: Any, key: Any, unknown: list[str], path: str) -> Any:
    """The value at a key of a collection, or UNKNOWN."""
    try:
        return to_json_data(whole[key], unknown, path)
    except UnknownValueError:
        unknown.append(path)
        return UNKNOWN


def stack_name() -> str:
    """The name of the stack, which selects the exceptions."""
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
        if not rule.state_only
    ],
)
