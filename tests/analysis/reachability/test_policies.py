"""Network policies: Kubernetes' semantics, and Cilium's own."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.reachability import services
from analysis.reachability.addresses import EVERYWHERE, network
from analysis.reachability.intervals import Intervals
from analysis.reachability.policies import (
    NAMESPACE_LABEL,
    NetworkPolicies,
    Peer,
    Pod,
    PolicyType,
    matches_selector,
)
from analysis.reachability.traffic import Flow

PODS, NODES = network("10.244.0.0/16"), network("10.0.0.0/24")


def pod(namespace: str, **labels: str) -> Pod:
    return Pod(namespace, labels, {NAMESPACE_LABEL: namespace}, {"web": services.tcp(8080)})


def policy(spec: dict[str, Any], name: str = "p", namespace: str = "shop") -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": namespace}, "spec": {"podSelector": {}, **spec}}


def passes(
    *policies: dict[str, Any],
    way: PolicyType = "Ingress",
    other: Peer | None = None,
    engine: str = "calico",
    me: Pod | None = None,
) -> str:
    other = other or Peer(PODS, pod("shop", app="web"), in_cluster=True)
    ends = (other.addresses, PODS) if way == "Ingress" else (PODS, other.addresses)
    flow = Flow(*ends, services.EVERYTHING)
    decided = NetworkPolicies(engine, policies).evaluate(
        way, me or pod("shop", app="api"), other, flow
    )
    return services.text(Intervals.of(part for one in decided.allowed for part in one.services))


DENY = policy({"policyTypes": ["Ingress", "Egress"]}, "deny")
FROM_WEB = policy({"ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "web"}}}]}]})


def test_a_pod_that_no_policy_selects_is_open():
    assert passes() == "all"
    assert passes(policy({"podSelector": {"matchLabels": {"app": "other"}}})) == "all"
    assert passes(policy({}, namespace="elsewhere")) == "all"


def test_a_pod_that_is_selected_is_closed_but_for_what_is_allowed():
    assert passes(DENY) == "none"
    assert passes(DENY, FROM_WEB) == "all"
    assert passes(DENY, FROM_WEB, other=Peer(PODS, pod("shop", app="job"))) == "none"


def test_policies_without_types_are_about_ingress_and_with_egress_rules_about_both():
    assert passes(policy({}), way="Egress") == "all"
    assert passes(policy({"egress": []}), way="Egress") == "all"
    assert passes(policy({"egress": [{"ports": [{"port": 443}]}]}), way="Egress") == "tcp 443"
    assert passes(policy({"egress": [{}]})) == "none"


def test_what_policies_allow_adds_up():
    ports = [
        policy({"ingress": [{"ports": [{"port": 80}]}]}, "a"),
        policy({"ingress": [{"ports": [{"port": 9000, "endPort": 9010}]}]}, "b"),
        policy({"ingress": [{"ports": [{"port": 53, "protocol": "UDP"}]}]}, "c"),
    ]
    assert passes(*ports) == "tcp 80, 9000-9010; udp 53"


def test_a_named_port_is_that_of_the_pods_that_listen():
    assert passes(policy({"ingress": [{"ports": [{"port": "web"}]}]})) == "tcp 8080"
    assert passes(policy({"ingress": [{"ports": [{"port": "absent"}]}]})) == "none"
    listener = Peer(PODS, pod("shop", app="web"))
    to_web = policy({"egress": [{"ports": [{"port": "web"}]}]})
    assert passes(to_web, way="Egress", other=listener) == "tcp 8080"


def test_a_pod_selector_alone_stays_in_its_namespace():
    assert passes(DENY, FROM_WEB, other=Peer(PODS, pod("elsewhere", app="web"))) == "none"


def test_a_namespace_selector_and_a_pod_selector_in_one_peer_both_have_to_match():
    peer = {
        "namespaceSelector": {"matchLabels": {NAMESPACE_LABEL: "ops"}},
        "podSelector": {"matchLabels": {"app": "prometheus"}},
    }
    both = policy({"ingress": [{"from": [peer]}]})
    either = policy({"ingress": [{"from": [{name: value} for name, value in peer.items()]}]})
    scraper = Peer(PODS, pod("ops", app="prometheus"))
    other = Peer(PODS, pod("ops", app="shell"))
    assert passes(both, other=scraper) == "all"
    assert passes(both, other=other) == "none"
    assert passes(either, other=other) == "all"


BLOCK = policy(
    {"ingress": [{"from": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}]}]}
)


@pytest.mark.parametrize(
    ("source", "passed"),
    [("10.2.0.1", "all"), ("10.1.0.1", "none"), ("192.168.0.1", "none")],
)
def test_an_address_block_matches_addresses_and_leaves_exceptions_out(source: str, passed: str):
    assert passes(BLOCK, other=Peer(network(source))) == passed


@pytest.mark.parametrize(
    "party",
    [Peer(PODS, pod("shop"), in_cluster=True), Peer(NODES, in_cluster=True)],
    ids=["pod", "node"],
)
def test_with_cilium_an_address_block_matches_neither_pods_nor_nodes(party: Peer):
    assert passes(BLOCK, other=party, engine="calico") == "all"
    assert passes(BLOCK, other=party, engine="azure") == "all"
    assert passes(BLOCK, other=party, engine="cilium") == "none"


def test_with_cilium_an_address_block_still_matches_what_is_outside():
    outside = Peer(network("10.2.0.1"))
    assert passes(BLOCK, other=outside, engine="cilium") == "all"


def test_policies_that_nobody_enforces_change_nothing():
    assert passes(DENY, engine="none") == "all"
    assert passes(DENY, engine="") == "all"


def test_everywhere_includes_what_only_a_tag_knows():
    anyone = policy({"ingress": [{"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}]})
    flow = Flow(EVERYWHERE, PODS, services.EVERYTHING)
    decided = NetworkPolicies("calico", (anyone,)).evaluate(
        "Ingress", pod("shop"), Peer(EVERYWHERE), flow
    )
    assert not decided.denied


@pytest.mark.parametrize(
    ("expression", "labels", "matches"),
    [
        ({"operator": "In", "values": ["a", "b"]}, {"k": "b"}, True),
        ({"operator": "In", "values": ["a"]}, {}, False),
        ({"operator": "NotIn", "values": ["a"]}, {}, True),
        ({"operator": "NotIn", "values": ["a"]}, {"k": "a"}, False),
        ({"operator": "Exists"}, {"k": ""}, True),
        ({"operator": "DoesNotExist"}, {"k": ""}, False),
    ],
)
def test_label_expressions(expression: dict[str, Any], labels: dict[str, str], *, matches: bool):
    assert matches_selector({"matchExpressions": [{"key": "k", **expression}]}, labels) is matches


def test_an_unknown_operator_is_an_error():
    with pytest.raises(ValueError, match="operator Near"):
        matches_selector({"matchExpressions": [{"key": "k", "operator": "Near"}]}, {})
