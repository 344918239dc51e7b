from __future__ import annotations

import pytest

from dev.ci import pull_request
from dev.ci.pr_comment import Step
from dev.ci.pr_post import AzureRepos, CannotPost, GitHub

URN = "urn:pulumi:dev::aks-network::aks-network:index:ClusterNetwork$azure-native:network:"


def test_steps_are_named_by_type_and_name_with_what_changes():
    rows = [
        {"op": "create", "urn": f"{URN}Subnet::network-extra"},
        {"op": "update", "urn": f"{URN}NatGateway::nat", "diffReasons": ["publicIpAddresses"]},
    ]
    assert pull_request.steps(rows) == (
        Step("create", "network:Subnet", "network-extra"),
        Step("update", "network:NatGateway", "nat", ("publicIpAddresses",)),
    )


def test_what_stays_and_the_stack_itself_are_no_steps():
    rows = [
        {"op": "same", "urn": f"{URN}Subnet::nodes"},
        {
            "op": "create",
            "urn": "urn:pulumi:dev::aks-network::pulumi:pulumi:Stack::aks-network-dev",
        },
    ]
    assert pull_request.steps(rows) == ()


def test_a_replacement_is_one_step_with_its_reasons():
    rows = [
        {"op": "create-replacement", "urn": f"{URN}Subnet::nodes"},
        {"op": "replace", "urn": f"{URN}Subnet::nodes", "replaceReasons": ["addressPrefix"]},
        {"op": "delete-replaced", "urn": f"{URN}Subnet::nodes"},
    ]
    assert pull_request.steps(rows) == (
        Step("replace", "network:Subnet", "nodes", ("addressPrefix",)),
    )


def test_a_base_that_is_no_commit_is_refused_with_the_remedy(capsys: pytest.CaptureFixture[str]):
    assert pull_request.main(["--base", "no-such-revision"]) == 1
    assert "no-such-revision is no commit in this repository" in capsys.readouterr().err


@pytest.mark.parametrize("service", [GitHub, AzureRepos])
def test_an_environment_that_lacks_something_is_refused_by_name(
    service: type[GitHub | AzureRepos],
):
    with pytest.raises(CannotPost, match=r"the environment lacks [A-Z_]+"):
        service.of({})


def test_a_service_out_of_reach_is_reported_with_the_address():
    service = AzureRepos("http://127.0.0.1:9/threads", "a-token")
    with pytest.raises(CannotPost, match=r"GET http://127\.0\.0\.1:9/threads"):
        service.post("text", "marker")
