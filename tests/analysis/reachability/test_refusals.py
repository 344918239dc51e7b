"""What can't be analysed, and what does not count."""

from __future__ import annotations

import pytest

from analysis.reachability import compute
from tests.analysis.reachability.changes import after, drop
from tests.analysis.reachability.states import Resources, named, passes


def test_a_stack_that_is_not_deployed_is_refused_with_what_to_do():
    with pytest.raises(ValueError, match="deploy the stack first"):
        compute([{"type": "pulumi:pulumi:Stack", "urn": "x"}])


def test_a_state_without_a_cluster_is_refused():
    with pytest.raises(ValueError, match="0 clusters"):
        after("dev", drop("ManagedCluster", ""))


def test_what_awaits_deletion_is_not_there():
    def doomed(resources: Resources) -> None:
        named(resources, "NetworkPolicy", "myapp/default-deny")["delete"] = True

    assert passes(after("dev", doomed), "other pods", "myapp/(other pods)").startswith("all")
