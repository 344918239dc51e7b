"""The policy pack: each rule of the audit becomes one policy, and says what the audit says.

Pulumi's own library can't be installed beside the program (it needs protobuf < 6), so a stand-in of
the shape of its interface takes its place: properties are the outputs without the id, secrets are
in plain text, and what a preview doesn't know raises. The engine has not run the pack.
"""

from __future__ import annotations

import runpy
import sys
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from unittest import mock

import pytest
import yaml

from analysis.audit import RULES, audit
from support.secrets import SECRET, SIGNATURE
from tests.analysis.audit.test_audit import BROKEN
from tests.helpers.audited import exported_by
from tests.helpers.stacks import ROOT


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


class UnknownValueError(Exception):
    pass


class Known(Mapping[str, Any]):
    """What the library hands out: a proxy that raises at what is unknown."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __getitem__(self, key: str) -> Any:
        if self._values[key] == UNKNOWN:
            raise UnknownValueError
        return proxied(self._values[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def proxied(value: Any) -> Any:
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET:
            return "in plain text"
        return Known(value)
    return [proxied(item) for item in value] if isinstance(value, list) else value


made: list[PolicyPack] = []


@pytest.fixture
def pack() -> PolicyPack:
    made.clear()
    library = types.ModuleType("pulumi_policy")
    for one in (EnforcementLevel, StackValidationPolicy, PolicyPack):
        setattr(library, one.__name__, one)
    proxy = types.ModuleType("pulumi_policy.proxy")
    proxy.UnknownValueError = UnknownValueError  # pyright: ignore[reportAttributeAccessIssue]
    library.ReportViolation = library.StackValidationArgs = object  # pyright: ignore[reportAttributeAccessIssue]
    with (
        mock.patch.dict(sys.modules, {"pulumi_policy": library, "pulumi_policy.proxy": proxy}),
        mock.patch("pulumi.get_stack", return_value="prod"),
    ):
        runpy.run_path(str(ROOT / "analysis" / "audit" / "policy_pack" / "__main__.py"))
    (found,) = made
    return found


def without_id(properties: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in properties.items() if key != "id"}


def violations(
    pack: PolicyPack, resources: list[dict[str, Any]]
) -> dict[str, list[tuple[str, str]]]:
    args = types.SimpleNamespace(
        resources=[
            PolicyResource(
                item["type"],
                proxied(without_id({**item["inputs"], **item["outputs"]})),
                item["urn"],
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
    rules = [rule for rule in RULES if not rule.state_only]
    assert {rule.id for rule in RULES if rule.state_only} == {"SEC-1", "SEC-2", "SEC-3"}
    assert [policy.name for policy in pack.policies] == [rule.id.lower() for rule in rules]
    for policy, rule in zip(pack.policies, rules, strict=True):
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


ASKED = [(rule, change) for rule, change in BROKEN if not rule.startswith("SEC-")]


@pytest.mark.parametrize(
    ("rule", "change"), ASKED, ids=[f"{rule}-{n}" for n, (rule, _) in enumerate(ASKED)]
)
def test_the_pack_finds_what_the_audit_finds(pack: PolicyPack, rule: str, change: Any):
    resources = exported_by("prod")
    change(resources)
    found = [one for one in audit(resources, "prod").findings if not one.rule.state_only]
    told = violations(pack, resources)
    assert {one.rule.id.lower() for one in found} == set(told)
    assert rule.lower() in told
    assert sorted(one.detail for one in found) == sorted(
        message.split(" — ")[1] for messages in told.values() for message, _ in messages
    )


def test_a_preview_tells_nothing_of_what_it_does_not_know(pack: PolicyPack):
    resources = exported_by("prod")
    (host,) = (item for item in resources if item["type"].endswith(":BastionHost"))
    host["outputs"]["enableShareableLink"] = host["inputs"]["enableShareableLink"] = True
    host["outputs"]["dnsName"] = UNKNOWN
    assert violations(pack, resources) == {}


def test_an_empty_stack_violates_none(pack: PolicyPack):
    assert violations(pack, []) == {}


def test_the_pack_is_pythons():
    pack = ROOT / "analysis" / "audit" / "policy_pack"
    described = yaml.safe_load((pack / "PulumiPolicy.yaml").read_text())
    assert described["runtime"] == "python"
