"""Every example can be analysed, and keeps the promises that no choice may break."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from reachability import Matrix, compute, services
from reachability.endpoints import Kind
from tests.reachability.states import as_state
from tests.stacks import ROOT, run_program
from tools import stackfile
from tools.seed import seed_of

THEIRS = ROOT / "examples" / "theirs.yaml"
"""Nodes in another team's subnet, which is in no state."""
EXAMPLES = sorted(
    path
    for path in (ROOT / "examples").glob("*.yaml")
    if not path.name.endswith(".cloud.yaml") and path != THEIRS
)


@functools.cache
def matrix_of(example: Path) -> Matrix:
    seed = seed_of(example)
    recording = run_program(
        stackfile.settings_without_engine(example), seed=seed if seed.exists() else None
    )
    return compute(as_state(recording))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_keeps_its_machines_from_the_internet(example: Path):
    matrix = matrix_of(example)
    nodes = matrix.of_kind(Kind.NODES)
    assert nodes
    for target in (*nodes, *matrix.of_kind(Kind.MACHINE)):
        assert not matrix.between("Internet", target.name).reached, target.name
    for target in matrix.of_kind(Kind.PODS):
        assert not matrix.between("Internet", target.name).direct, target.name


def test_a_subnet_that_the_state_does_not_hold_is_refused_by_its_name():
    with pytest.raises(ValueError, match=r"subnets/snet-aks-nodes is not in the state"):
        matrix_of(THEIRS)


def test_an_api_server_inside_the_network_reaches_the_kubelets():
    matrix = matrix_of(ROOT / "examples" / "vnet-api.yaml")
    (server,) = matrix.of_kind(Kind.API_SERVER)
    assert server.sends
    for target in matrix.of_kind(Kind.NODES):
        assert services.tcp(10250) <= matrix.between(server.name, target.name).services


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_examples_nodes_reach_each_other_and_their_api_server(example: Path):
    matrix = matrix_of(example)
    for source in matrix.of_kind(Kind.NODES):
        assert matrix.between(source.name, "API server").services == services.tcp(443)
        for target in matrix.of_kind(Kind.NODES):
            passed = matrix.between(source.name, target.name).services
            assert services.EVERYTHING - passed <= services.tcp(22, 3389)


GATEWAY = "Application Gateway"
WAYS_IN = {
    "agic": [(GATEWAY,)],
    "traefik": [(GATEWAY, "ingress controller")],
    "haproxy": [(GATEWAY, "ingress controller")],
    "external-waf": [("ingress controller",)],
    "kv-certificate": [("ingress controller",)],
    "contour": [],
    "kubenet": [],
}
"""What leads from the Internet to an example's applications, by example."""


@pytest.mark.parametrize("example", WAYS_IN)
def test_an_examples_way_in_is_the_one_that_it_is_about(example: str):
    matrix = matrix_of(ROOT / "examples" / f"{example}.yaml")
    found = {
        tuple("ingress controller" if "controller" in one else one for one in passage.through)
        for target in matrix.of_kind(Kind.PODS)
        for passage in matrix.between("Internet", target.name).passages
    }
    assert sorted(found) == WAYS_IN[example]
