"""Whatever guards the network shows: taking any of it out of the state changes the matrix."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from reachability import compute
from reachability.normal_form import differences, document
from tests.reachability.states import matrix_of, passes, removal, removals, state_of
from tests.stacks import STACKS

WHAT_CHANGES = (
    # removed, source, target, before, after; `*` stands for more ports or a way through proxies
    ("bastion: AllowHttpsInbound", "Internet", "Bastion", "tcp 443", "none"),
    ("jumpbox: AllowBastionInbound", "Bastion", "jump box", "tcp 22, 3389", "none"),
    ("jumpbox: DenyVirtualNetworkInbound", "Application Gateway", "jump box", "none", "all"),
    ("nodes: AllowOperatorsInbound", "Bastion", "nodes system (Linux)", "tcp 22, 3389", "none"),
    ("nodes: AllowOperatorsInbound", "jump box", "nodes system (Linux)", "tcp 22, 3389", "none"),
    ("nodes: DenyVirtualNetworkInbound", "jump box", "nodes system (Linux)", "tcp 22, 3389", "all"),
    (
        "nodes: DenyVirtualNetworkInbound",
        "Application Gateway",
        "nodes system (Linux)",
        "none",
        "all but tcp 22, 3389",
    ),
    (
        "nodes: DenyManagementInbound",
        "ingress controller",
        "nodes system (Linux)",
        "all but tcp 22, 3389",
        "all*",
    ),
    (
        "nodes: AllowLoadBalancerInbound",
        "Application Gateway",
        "ingress controller",
        "tcp 80, 443",
        "none",
    ),
    (
        "nodes: AllowIngressInbound",
        "Application Gateway",
        "ingress controller",
        "tcp 80, 443",
        "none",
    ),
    (
        "applicationgateway: AllowGatewayManagerInbound",
        "Azure's gateway management",
        "Application Gateway",
        "tcp 80, 443, 65200-65535",
        "tcp 80, 443",
    ),
    (
        "applicationgateway: AllowLoadBalancerInbound",
        "load balancer probes",
        "Application Gateway",
        "tcp 80, 443, 65200-65535",
        "none",
    ),
    (
        "applicationgateway: AllowWebInbound",
        "Internet",
        "Application Gateway",
        "tcp 80, 443",
        "none",
    ),
    ("privateendpoints: AllowClientsInbound", "jump box", "key vault", "tcp 443", "none"),
    (
        "privateendpoints: AllowClientsInbound",
        "Application Gateway",
        "key vault",
        "tcp 443",
        "none",
    ),
    ("peering to-cluster", "Bastion", "nodes system (Linux)", "tcp 22, 3389", "none"),
    ("peering from-cluster", "Bastion", "nodes system (Linux)", "tcp 22, 3389", "none"),
    ("peering to-cluster", "jump box", "key vault", "tcp 443", "none"),
    ("policy myapp/default-deny", "other pods", "myapp/(other pods)", "none", "all*"),
    ("policy myapp/allow-dns", "myapp/backend", "cluster DNS", "tcp 53; udp 53", "none"),
    ("policy myapp/backend-policy", "myapp/frontend", "myapp/backend", "all*", "none"),
    ("policy myapp/frontend-egress", "myapp/frontend", "myapp/backend", "all*", "none"),
    (
        "policy myapp/allow-ingress-controller",
        "ingress controller",
        "myapp/frontend",
        "tcp 8080*",
        "none",
    ),
)

THROUGH_THE_FIREWALL = "tcp 443 through Application Gateway with WAF, ingress controller"
ENDS_THE_WAY_IN = (
    "applicationgateway: AllowWebInbound",
    "nodes: AllowIngressInbound",
    "policy myapp/allow-ingress-controller",
)

CHANGES_NOTHING = {
    "bastion: AllowGatewayManagerInbound": "Azure insists on the rule; AllowHttpsInbound lets all"
    " of the Internet in on the port, Azure's management included",
    "bastion: DenyOtherInbound": "Bastion listens on no other port than those allowed before it",
    "applicationgateway: DenyVirtualNetworkInbound": "the gateway has no private frontend: nothing"
    " in the virtual network has an address of it to speak to",
    "ingress: AllowIngressInbound": "the subnet holds addresses of a load balancer only, and those"
    " have no interface: the group at the nodes decides",
    "ingress: DenyVirtualNetworkInbound": "as ingress: AllowIngressInbound",
}
"""What may be taken out without any effect, and why it is there all the same."""


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize(("removed", "source", "target", "before", "after"), WHAT_CHANGES)
def test_taking_it_out_changes_what_it_is_there_for(
    *, stack: str, removed: str, source: str, target: str, before: str, after: str
):
    without = compute(removal(stack, removed).of(state_of(stack)))
    assert fnmatchcase(passes(matrix_of(stack), source, target), before)
    assert fnmatchcase(passes(without, source, target), after)


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("removed", ENDS_THE_WAY_IN)
def test_the_way_in_needs_every_piece(stack: str, removed: str):
    without = compute(removal(stack, removed).of(state_of(stack)))
    assert passes(matrix_of(stack), "Internet", "myapp/frontend") == THROUGH_THE_FIREWALL
    assert passes(without, "Internet", "myapp/frontend") == "none"


@pytest.mark.parametrize("stack", STACKS)
def test_the_cluster_talks_to_itself_only_by_its_rule(stack: str):
    without = compute(removal(stack, "nodes: AllowClusterInbound").of(state_of(stack)))
    nodes = "nodes system (Linux)"
    assert passes(matrix_of(stack), nodes, nodes).startswith("all")
    assert passes(without, nodes, nodes) == "none"
    assert passes(without, "myapp/frontend", "myapp/backend") == "none"


@pytest.mark.parametrize("stack", STACKS)
def test_every_removal_changes_the_matrix_but_those_that_are_known_not_to(stack: str):
    before, state = document(matrix_of(stack)), state_of(stack)
    idle = {
        one.name
        for one in removals(stack)
        if not differences(before, document(compute(one.of(state))))
    }
    unexplained = idle - set(CHANGES_NOTHING)
    assert not unexplained, "removing these changes nothing, and no reason is stated"
    wrongly_excused = set(CHANGES_NOTHING) & {one.name for one in removals(stack)} - idle
    assert not wrongly_excused, "removing these changes the matrix: strike the reason"


@pytest.mark.parametrize("stack", STACKS)
def test_every_kind_of_guard_is_taken_out(stack: str):
    kinds = {one.name.split(":")[0].split(" ")[0] for one in removals(stack)}
    assert kinds == {
        "applicationgateway", "bastion", "ingress", "jumpbox", "nodes", "peering", "policy",
        "privateendpoints",
    }  # fmt: skip
