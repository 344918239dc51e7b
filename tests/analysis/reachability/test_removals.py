"""Whatever guards the network shows: taking any of it out of the state changes the matrix."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from analysis.reachability.snapshot import differences, snapshot_of
from tests.analysis.reachability.states import (
    ENABLED,
    matrix_of,
    matrix_without,
    passes,
    removals,
)

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
        "load balancer probes",
        "nodes system (Linux)",
        "all but tcp 22, 3389",
        "all",
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

FOR_CONTAINERS = "Application Gateway for Containers"
WHAT_CHANGES_FOR_CONTAINERS = (
    ("nodes: AllowPodGatewayInbound", FOR_CONTAINERS, "myapp/frontend", "tcp 8080", "none"),
    ("nodes: AllowPodGatewayInbound", FOR_CONTAINERS, "other pods", "tcp 8080", "none"),
    ("nodes: DenyVirtualNetworkInbound", FOR_CONTAINERS, "nodes system (Linux)", "tcp 8080",
     "all but tcp 22, 3389"),
    ("policy myapp/allow-ingress-controller", FOR_CONTAINERS, "myapp/frontend", "tcp 8080",
     "none"),
    ("policy myapp/default-deny", FOR_CONTAINERS, "myapp/(other pods)", "none", "tcp 8080"),
    ("peering to-cluster", "jump box", "nodes system (Linux)", "tcp 22, 3389", "none"),
)  # fmt: skip
"""As `WHAT_CHANGES`, where Application Gateway for Containers speaks to the pods itself."""

WHAT_CHANGES_FOR_AGIC = (
    ("nodes: AllowPodGatewayInbound", "Application Gateway", "myapp/frontend", "tcp 8080", "none"),
    ("nodes: AllowPodGatewayInbound", "Application Gateway", "other pods", "tcp 8080", "none"),
    ("nodes: DenyVirtualNetworkInbound", "Application Gateway", "nodes system (Linux)", "tcp 8080",
     "all but tcp 22, 3389"),
    ("policy myapp/allow-ingress-controller", "Application Gateway", "myapp/frontend", "tcp 8080",
     "none"),
    ("policy myapp/default-deny", "Application Gateway", "myapp/(other pods)", "none", "tcp 8080"),
    ("applicationgateway: AllowWebInbound", "Internet", "Application Gateway", "tcp 80, 443",
     "none"),
    ("peering from-cluster", "jump box", "nodes system (Linux)", "tcp 22, 3389", "none"),
)  # fmt: skip
"""As `WHAT_CHANGES`, where AGIC makes an Application Gateway speak to the pods itself."""

THROUGH_THE_FIREWALL = "tcp 443 through Application Gateway with WAF, ingress controller"
WITHOUT_A_FIREWALL = "tcp 443 through Application Gateway, ingress controller"
GATEWAYS = ("dev", "prod", "nginx", ENABLED)
ALL = (*GATEWAYS, "agc", "agic")
OTHER_CONTROLLERS = ("contour", "external-waf")
"""One without a firewall and one behind a third party's."""
CLOSES_THE_INGRESS_PATH = (
    "applicationgateway: AllowWebInbound",
    "nodes: AllowIngressInbound",
    "nodes: AllowLoadBalancerInbound",
    "policy myapp/allow-ingress-controller",
)
CLOSES_THE_INGRESS_PATH_TO_PODS = (
    "nodes: AllowPodGatewayInbound",
    "policy myapp/allow-ingress-controller",
)
CLOSES_THE_INGRESS_PATH_FOR_CONTAINERS = (
    "trafficcontroller: AllowWebInbound",
    *CLOSES_THE_INGRESS_PATH_TO_PODS,
)
CLOSES_THE_INGRESS_PATH_FOR_AGIC = (
    "applicationgateway: AllowWebInbound",
    *CLOSES_THE_INGRESS_PATH_TO_PODS,
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
    "trafficcontroller: DenyVirtualNetworkInbound": "the gateway's frontend is public: nothing in"
    " the virtual network has an address of it to speak to",
    "trafficcontroller: AllowInstancesInbound": "the gateway's instances are one endpoint, which"
    " does not speak to itself",
    "trafficcontroller: AllowPodsOutbound": "the default rules are taken to let everything out",
}
"""What may be taken out without any effect, and why it is there all the same."""
CONTROLLER_NAMESPACES = {
    "agc": "azure-alb-system",
    "contour": "projectcontour",
    **dict.fromkeys(("dev", "prod", "external-waf", ENABLED), "ingress-gateway"),
}
"""Namespaces whose policies allow what their controller needs: each of these selects every pod, so
the namespace stays closed without default-deny, which is there for the day that they go."""


def _changes_nothing(stack: str) -> set[str]:
    namespace = CONTROLLER_NAMESPACES.get(stack)
    return set(CHANGES_NOTHING) | ({f"policy {namespace}/default-deny"} if namespace else set())


@pytest.mark.parametrize(
    ("stack", "removed", "source", "target", "before", "after"),
    [
        *((stack, *row) for stack in GATEWAYS for row in WHAT_CHANGES),
        *(("agc", *row) for row in WHAT_CHANGES_FOR_CONTAINERS),
        *(("agic", *row) for row in WHAT_CHANGES_FOR_AGIC),
    ],
)
def test_taking_it_out_changes_what_it_is_there_for(
    *, stack: str, removed: str, source: str, target: str, before: str, after: str
):
    without = matrix_without(stack, removed)
    assert fnmatchcase(passes(matrix_of(stack), source, target), before)
    assert fnmatchcase(passes(without, source, target), after)


@pytest.mark.parametrize("stack", GATEWAYS)
@pytest.mark.parametrize("removed", CLOSES_THE_INGRESS_PATH)
def test_the_ingress_path_needs_every_rule(stack: str, removed: str):
    without = matrix_without(stack, removed)
    assert passes(matrix_of(stack), "Internet", "myapp/frontend") == THROUGH_THE_FIREWALL
    assert passes(without, "Internet", "myapp/frontend") == "none"


@pytest.mark.parametrize("removed", CLOSES_THE_INGRESS_PATH_FOR_CONTAINERS)
def test_the_ingress_path_through_agc_needs_every_rule(removed: str):
    without = matrix_without("agc", removed)
    expected = f"tcp 443 through {FOR_CONTAINERS} with WAF"
    assert passes(matrix_of("agc"), "Internet", "myapp/frontend") == expected
    assert passes(without, "Internet", "myapp/frontend") == "none"


@pytest.mark.parametrize("removed", CLOSES_THE_INGRESS_PATH_FOR_AGIC)
def test_the_ingress_path_through_agic_needs_every_rule(removed: str):
    without = matrix_without("agic", removed)
    expected = "tcp 80, 443 through Application Gateway with WAF"
    assert passes(matrix_of("agic"), "Internet", "myapp/frontend") == expected
    assert passes(without, "Internet", "myapp/frontend") == "none"


@pytest.mark.parametrize(
    ("stack", "expected"),
    [
        *((stack, WITHOUT_A_FIREWALL) for stack in GATEWAYS),
        ("agic", "tcp 80, 443 through Application Gateway"),
    ],
)
def test_without_the_firewall_policy_requests_come_in_uninspected(stack: str, expected: str):
    without = matrix_without(stack, "firewall policy")
    assert passes(without, "Internet", "myapp/frontend") == expected


@pytest.mark.parametrize(
    "removed", ["firewall policy", "security policy", "firewall at the Gateway"]
)
def test_containers_gateway_inspects_only_by_all_three_of_its_policies(removed: str):
    without = matrix_without("agc", removed)
    expected = f"tcp 443 through {FOR_CONTAINERS}"
    assert passes(without, "Internet", "myapp/frontend") == expected


@pytest.mark.parametrize("stack", ALL)
def test_the_cluster_talks_to_itself_only_by_its_rule(stack: str):
    without = matrix_without(stack, "nodes: AllowClusterInbound")
    nodes = "nodes system (Linux)"
    assert passes(matrix_of(stack), nodes, nodes).startswith("all")
    assert passes(without, nodes, nodes) == "none"
    assert passes(without, "myapp/frontend", "myapp/backend") == "none"


@pytest.mark.parametrize("stack", [*ALL, *OTHER_CONTROLLERS])
def test_every_removal_changes_the_matrix_but_those_that_are_known_not_to(stack: str):
    before = snapshot_of(matrix_of(stack))
    idle = {
        one.name
        for one in removals(stack)
        if not differences(before, snapshot_of(matrix_without(stack, one.name)))
    }
    unexplained = idle - _changes_nothing(stack)
    assert not unexplained, "removing these changes nothing, and no reason is stated"
    wrongly_excused = _changes_nothing(stack) & {one.name for one in removals(stack)} - idle
    assert not wrongly_excused, "removing these changes the matrix: strike the reason"


@pytest.mark.parametrize("stack", ALL)
def test_every_kind_of_guard_is_taken_out(stack: str):
    names = {one.name.split(":")[0].removesuffix(" policy") for one in removals(stack)}
    kinds = {name.split(" ")[0] for name in names}
    everywhere = {"bastion", "firewall", "jumpbox", "nodes", "peering", "policy"}
    own = {"agc": {"security", "trafficcontroller"}, "agic": {"applicationgateway"}}
    behind_a_controller = {"applicationgateway", "ingress"}
    assert kinds == everywhere | own.get(stack, behind_a_controller) | {"privateendpoints"}
