"""Each tool finds in a state with types of azure-native's versioned packages what it finds without.

A tool that tests for `azure-native:` alone would find no cluster in such a state, and say nothing.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

import pytest

from analysis import diagram, reachability
from analysis.audit import audit
from analysis.audit.arm import template
from analysis.dependency_graph import nodes_of
from analysis.load_balancers import find
from analysis.reachability.snapshot import snapshot_of
from analysis.stack_state import State
from cli.changes.__main__ import steps
from cli.doctor.context import State as DoctorState
from cli.recover import state as recovery
from cli.recover.candidates import candidates, import_file
from cli.two_step_destroy import slow_deletions
from components.azure.api_versions import STANDARD_V2
from dev.timeline import virtual_engine
from dev.timeline.comparison import compare
from simulator.faults import parse
from simulator.server import Urn
from tests.helpers.stacks import STACKS, recorded

PACKAGE, PLAIN = "azure-native_containerservice_v20260301:", "azure-native:"
MODULE = "containerservice:"

State_ = list[dict[str, Any]]


@functools.cache
def text_of(stack: str) -> str:
    return json.dumps(recorded(stack).resources())


def state_at(stack: str, package: str) -> State_:
    """The state of a stack with the cluster's types taken from a package."""
    text = text_of(stack).replace(PACKAGE + MODULE, PLAIN + MODULE)
    state = json.loads(text.replace(PLAIN + MODULE, package + MODULE))
    for row in state:
        if row["type"].endswith(":ManagedCluster"):
            # So that there is something to find.
            row["outputs"] |= {"disableLocalAccounts": False}
            row["outputs"]["ingressProfile"]["webAppRouting"]["nginx"] = {}
    return state


class _Cloud:
    """A cloud for recovery whose subscription is known."""

    def pulumi(self, command: str, *arguments: str):
        raise AssertionError((command, arguments))

    def subscription(self) -> str:
        return "s"

    def names(self, group: str, arm_type: str) -> list[str]:
        del group, arm_type
        return []


def _recovered(state: State_) -> Any:
    """What recovery would import after a run that reported nothing."""
    pending = [{"type": "creating", "resource": {**row, "id": ""}} for row in state]
    found = recovery.pending({"pending_operations": pending})
    missing = candidates(_Cloud(), list(found.values()), {"resources": []})
    return sorted(item.id for item in missing), len(import_file(missing)["resources"])


def _doctor(state: State_) -> Any:
    known = DoctorState(tuple(state), ())
    return [
        item["id"]
        for token in ("containerservice:ManagedCluster", "containerservice:AgentPool")
        for item in known.of_type(token)
    ]


def _steps(state: State_) -> Any:
    rows = [{"op": "update", "urn": row["urn"], "diffReasons": ["tags"]} for row in state]
    return [step for step in steps(rows) if step.type.startswith("containerservice:")]


def _load_balancers(state: State_) -> Any:
    return [str(item) for item in find.load_balancers(State.from_export(state))]


def _timeline(state: State_) -> Any:
    nodes = nodes_of(state)
    created = [(one.type, one.id, one.start, one.end) for one in virtual_engine.create(nodes)]
    return created, str(compare(nodes))


TOOLS: dict[str, Callable[[State_], Any]] = {
    "audit": lambda state: [
        (finding.rule.id, finding.resource.id) for finding in audit(state, "other").findings
    ],
    "reachability": lambda state: snapshot_of(reachability.compute(state)),
    "diagram": lambda state: diagram.render_mermaid(diagram.read(state)),
    "picture": lambda state: diagram.render_svg(diagram.read(state), title="t", icons={}),
    "checkov": template,
    "load balancers": _load_balancers,
    "recovery": _recovered,
    "doctor": _doctor,
    "changes": _steps,
    "destroy in two steps": lambda state: [
        urn.rpartition("::")[2] for urn in slow_deletions(state)
    ],
    "timeline": _timeline,
}


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_finds_the_same_in_both_states(stack: str, tool: str):
    find_in = TOOLS[tool]
    before, after = state_at(stack, PLAIN), state_at(stack, PACKAGE)
    assert before != after
    found = find_in(before)
    assert found
    without = [row for row in state_at(stack, PLAIN) if MODULE not in row["type"]]
    try:
        assert find_in(without) != found, "the tool looks at the cluster"
    except ValueError as error:
        assert "0 clusters" in str(error)  # noqa: PT017 - it looks at the cluster first of all
    assert _without_urns(find_in(after)) == _without_urns(found)


GATEWAYS = STANDARD_V2.package + ":"
OF_GATEWAYS = ("checkov", "diagram", "picture", "recovery", "timeline")
"""The tools that look at NAT gateways."""


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_finds_the_same_nat_gateway_in_both_states(tool: str):
    find_in = TOOLS[tool]
    after = state_at("prod", PACKAGE)
    rows = [row for row in after if row["type"].startswith(GATEWAYS)]
    assert {row["type"].rpartition(":")[2] for row in rows} == {"NatGateway", "PublicIPAddress"}
    before = json.loads(json.dumps(after).replace(GATEWAYS, PLAIN))
    found = _without_urns(find_in(before))
    assert _without_urns(find_in(after)) == found
    if tool in OF_GATEWAYS:
        without = [row for row in after if not row["type"].startswith(GATEWAYS)]
        assert _without_urns(find_in(without)) != found


def _without_urns(found: Any) -> Any:
    text = json.dumps(found, default=str)
    return json.loads(text.replace(PACKAGE, PLAIN).replace(GATEWAYS, PLAIN))


def test_an_import_has_the_types_of_the_program():
    state = state_at("dev", PACKAGE)
    pending = {"pending_operations": [{"type": "creating", "resource": row} for row in state]}
    found = candidates(_Cloud(), list(recovery.pending(pending).values()), {"resources": []})
    types = {row["type"] for row in import_file(found)["resources"]}
    assert f"{PACKAGE}containerservice:ManagedCluster" in types


def test_a_fault_meets_a_type_of_every_package():
    (fault,) = parse("create:azure-native:containerservice:ManagedCluster:1:crash")
    (other,) = parse(f"create:{PACKAGE}containerservice:ManagedCluster:1:crash")
    urn = Urn(f"urn:pulumi:dev::p::aks-network:index:Cluster${PACKAGE}{MODULE}ManagedCluster::c")
    for item in (fault, other):
        assert item.applies("create", urn.token, urn.name, 1)
