"""The policy pack: each rule of the audit becomes one policy, and says what the audit says.

Pulumi's own library can't be installed beside the program (it needs protobuf < 6), so a stand-in of
the shape of its interface takes its place; the pack has not been run by the engine.
"""

from __future__ import annotations

import runpy
import sys
import types
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from unittest import mock

import pytest
import yaml

from audit import RULES
from tests.audited import exported_by
from tests.stacks import ROOT


class EnforcementLevel(StrEnum):
    ADVISORY = "advisory"
    MANDATORY = "mandatory"


@dataclass
class StackValidationPolicy:
    name: str
    description: str
    validate: Any
    enforcement_level: EnforcementLevel


@dataclass
class PolicyPack:
    name: str
    policies: list[StackValidationPolicy]

    def __post_init__(self) -> None:
        made.append(self)


@dataclass
class PolicyResource:
    resource_type: str
    props: dict[str, Any]
    urn: str
    name: str = ""


made: list[PolicyPack] = []


@pytest.fixture
def pack() -> PolicyPack:
    made.clear()
    library = types.ModuleType("pulumi_policy")
    for one in (EnforcementLevel, StackValidationPolicy, PolicyPack):
        setattr(library, one.__name__, one)
    library.ReportViolation = library.StackValidationArgs = object  # pyright: ignore[reportAttributeAccessIssue]
    with (
        mock.patch.dict(sys.modules, {"pulumi_policy": library}),
        mock.patch("pulumi.get_stack", return_value="prod"),
    ):
        runpy.run_path(str(ROOT / "policy" / "__main__.py"))
    (found,) = made
    return found


def violations(
    pack: PolicyPack, resources: list[dict[str, Any]]
) -> dict[str, list[tuple[str, str]]]:
    args = types.SimpleNamespace(
        resources=[
            PolicyResource(
                item["type"], {**item["inputs"], **item["outputs"], "id": item["id"]}, item["urn"]
            )
            for item in resources
        ]
    )
    told: dict[str, list[tuple[str, str]]] = {}
    with mock.patch("pulumi.get_stack", return_value="prod"):
        for policy in pack.policies:

            def report(message: str, urn: str, name: str = policy.name) -> None:
                told.setdefault(name, []).append((message, urn))

            policy.validate(args, report)
    return told


def test_each_rule_is_a_policy(pack: PolicyPack):
    assert [policy.name for policy in pack.policies] == [rule.id.lower() for rule in RULES]
    for policy, rule in zip(pack.policies, RULES, strict=True):
        mandatory = rule.severity in {"critical", "high"}
        assert (policy.enforcement_level is EnforcementLevel.MANDATORY) is mandatory


def test_production_violates_none(pack: PolicyPack):
    assert violations(pack, exported_by("prod")) == {}


def test_a_violation_names_the_resource(pack: PolicyPack):
    resources = exported_by("prod")
    (host,) = (item for item in resources if item["type"].endswith(":BastionHost"))
    host["outputs"]["enableShareableLink"] = host["inputs"]["enableShareableLink"] = True
    ((message, urn),) = violations(pack, resources)["net-7"]
    assert "enableShareableLink" in message
    assert urn == host["urn"]


def test_an_empty_stack_violates_none(pack: PolicyPack):
    assert violations(pack, []) == {}


def test_the_pack_is_pythons():
    described = yaml.safe_load((ROOT / "policy" / "PulumiPolicy.yaml").read_text())
    assert described["runtime"] == "python"
