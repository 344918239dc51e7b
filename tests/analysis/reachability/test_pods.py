"""Pods: who they are, and what network policies mean for them."""

from __future__ import annotations

from tests.analysis.reachability.changes import BACKEND, add, after, nested
from tests.analysis.reachability.states import Resources, passes


def test_policies_that_no_engine_enforces_protect_nobody():
    off = nested("ManagedCluster", "", "networkProfile", networkPolicy="none")
    matrix = after("dev", off)
    assert passes(matrix, "other pods", BACKEND).startswith("all")


def test_pods_of_the_virtual_network_are_seen_from_outside_and_those_of_an_overlay_are_not():
    for stack, expected in (("dev", "none"), ("prod", "tcp 22, 3389")):
        assert passes(after(stack), "jump box", "other pods") == expected


def test_a_workload_names_its_pods():
    def worker(resources: Resources) -> None:
        template = {"metadata": {"labels": {"app": "worker"}}, "spec": {"containers": []}}
        add("kubernetes:apps/v1:Deployment", "worker", kind="Deployment",
            metadata={"namespace": "myapp", "name": "worker"}, spec={"template": template})(
            resources
        )  # fmt: skip

    matrix = after("dev", worker)
    assert passes(matrix, "myapp/worker", "cluster DNS") == "tcp 53; udp 53"
    assert passes(matrix, "myapp/frontend", "myapp/worker") == "none"
