"""The audit's rules as a Pulumi policy pack: `pulumi up --policy-pack policy`.

Only the wrapping is here; what is asked is in `audit/`, of which each rule becomes one policy over
the whole stack. Critical and high rules stop the run, the others are told.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
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

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from audit import EXCEPTIONS, RULES, Rule, audit

MANDATORY = ("critical", "high")


def validation(rule: Rule) -> Callable[[StackValidationArgs, ReportViolation], None]:
    """What Pulumi calls with all resources of a stack, for one rule."""

    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        resources = [as_exported(resource) for resource in args.resources]
        if not any(item["type"].startswith("azure-native:") for item in resources):
            return  # a preview of a stack that is to be destroyed
        urns = {item["id"]: item["urn"] for item in resources}
        for finding in audit(resources, stack_name(), rules=[rule], exceptions=EXCEPTIONS).findings:
            report(f"{finding}", urns.get(finding.resource.id))

    return validate


def as_exported(resource: Any) -> dict[str, Any]:
    """A resource as an export of the state has it; its properties are inputs and outputs in one."""
    properties = dict(resource.props)
    return {
        "type": resource.resource_type,
        "urn": resource.urn,
        "id": str(properties.get("id") or resource.urn),
        "inputs": {},
        "outputs": properties,
    }


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
    ],
)
