"""Both stacks: the expected matrix, and the promises that hold whatever it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.reachability import Matrix, services
from analysis.reachability.endpoints import Kind
from analysis.reachability.snapshot import differences, dump, load, snapshot_of
from tests.analysis.reachability.states import matrix_of, passes
from tests.helpers.loops import each
from tests.helpers.stacks import STACKS

EXPECTED = Path(__file__).with_name("expected")
OPERATORS = {Kind.BASTION, Kind.MACHINE}
REMOTE_LOGIN = services.tcp(22, 3389)


@pytest.fixture(params=STACKS)
def matrix(request: pytest.FixtureRequest) -> Matrix:
    return matrix_of(request.param)


@pytest.mark.parametrize("stack", STACKS)
def test_the_matrix_is_the_expected_one(stack: str):
    expected = load((EXPECTED / f"{stack}.yaml").read_text())
    found = differences(expected, snapshot_of(matrix_of(stack)))
    if found:
        mend = f"make up STACK={stack} && make reachability STACK={stack} ARGS=--update"
        lines = [f"{stack}: who reaches whom has changed:", *found, f"If that is meant: {mend}"]
        pytest.fail("\n  ".join(lines), pytrace=False)


@pytest.mark.parametrize("stack", STACKS)
def test_the_expected_matrix_is_written_the_way_that_update_writes_it(stack: str):
    text = (EXPECTED / f"{stack}.yaml").read_text()
    assert list(load(text)) == list(load(dump(matrix_of(stack))))


def test_from_outside_the_cluster_only_bastion_and_jump_box_reach_ssh_and_rdp_of_nodes(
    matrix: Matrix,
):
    outside = [
        source
        for source in matrix.sources
        if source.kind is not Kind.NODES and not source.kind.in_pods
    ]
    assert {source.kind for source in outside} > OPERATORS
    assert matrix.of_kind(Kind.NODES)
    for source in outside:
        for nodes in matrix.of_kind(Kind.NODES):
            cell = matrix.between(source.name, nodes.name)
            expected = source.kind in OPERATORS
            assert bool(cell.services & REMOTE_LOGIN) == expected, (source.name, nodes.name)


def test_no_security_group_blocks_traffic_between_nodes(matrix: Matrix):
    """AKS requires all of it (aks/concepts-network, "Custom virtual network requirements")."""
    for source in each(matrix.of_kind(Kind.NODES)):
        for target in matrix.of_kind(Kind.NODES):
            assert passes(matrix, source.name, target.name) == "all"


def test_pods_of_applications_reach_ssh_and_rdp_of_no_node(matrix: Matrix):
    for nodes in each(matrix.of_kind(Kind.NODES)):
        for pods in ("myapp/frontend", "myapp/backend", "myapp/(other pods)"):
            assert passes(matrix, pods, nodes.name) == "none"


def test_the_backend_hears_the_frontend_only(matrix: Matrix):
    heard = [
        source.name
        for source in matrix.sources
        if matrix.between(source.name, "myapp/backend").is_reachable
    ]
    assert heard == ["myapp/frontend"]


def test_pods_that_nobody_declared_hear_and_reach_nobody_but_dns(matrix: Matrix):
    stray = "myapp/(other pods)"
    assert not [s.name for s in matrix.sources if matrix.between(s.name, stray).is_reachable]
    reached = [t.name for t in matrix.targets if matrix.between(stray, t.name).is_reachable]
    assert reached == ["cluster DNS"]


def test_from_the_internet_applications_are_reached_through_the_firewall_or_not_at_all(
    matrix: Matrix,
):
    cells = [matrix.between("Internet", pods.name) for pods in matrix.of_kind(Kind.PODS)]
    assert any(cell.proxied for cell in cells)
    for cell in cells:
        assert not cell.direct
        for proxied in cell.proxied:
            assert proxied.waf_policies, proxied
            assert proxied.proxies[0] == "Application Gateway"


def test_the_internet_reaches_the_frontend_by_https_through_the_firewall(matrix: Matrix):
    (proxied,) = matrix.between("Internet", "myapp/frontend").proxied
    assert services.text(proxied.services) == "tcp 443"
    assert proxied.proxies == ("Application Gateway", "ingress controller")
    assert len(proxied.waf_policies) == 1


@pytest.mark.parametrize(
    ("stack", "open_to_all"),
    [
        ("dev", {"Bastion", "Application Gateway", "API server"}),
        ("prod", {"Bastion", "Application Gateway"}),
    ],
)
def test_the_internet_reaches_what_has_a_public_address_on_purpose(
    stack: str, open_to_all: set[str]
):
    matrix = matrix_of(stack)
    reached = {
        target.name
        for target in matrix.targets
        if target.kind is not Kind.INTERNET and matrix.between("Internet", target.name).direct
    }
    assert reached == open_to_all


def test_the_internet_does_not_reach_the_private_api_server():
    assert passes(matrix_of("prod"), "Internet", "API server") == "none"
    assert passes(matrix_of("prod"), "jump box", "API server") == "tcp 443"
    assert passes(matrix_of("dev"), "Internet", "API server") == "tcp 443"


def test_the_vault_is_reached_on_its_private_endpoint_by_those_who_need_it(matrix: Matrix):
    others = [one for one in matrix.sources if one.kind is Kind.BASTION or one.kind.outside]
    for source in each(others):
        assert passes(matrix, source.name, "key vault") == "none"
    for name in ("Application Gateway", "jump box"):
        assert passes(matrix, name, "key vault") == "tcp 443"


def test_nodes_of_every_pool_reach_what_aks_needs(matrix: Matrix):
    for nodes in each(matrix.of_kind(Kind.NODES)):
        assert passes(matrix, nodes.name, "API server") == "tcp 443"
        assert passes(matrix, nodes.name, "Internet") == "all"
        for other in matrix.of_kind(Kind.NODES):
            assert passes(matrix, nodes.name, other.name).startswith("all")
