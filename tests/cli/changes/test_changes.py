from __future__ import annotations

import pytest

from cli.changes import __main__ as changes
from cli.changes.comment import Step
from cli.changes.post import AzureRepos, CannotPost, GitHub

URN = "urn:pulumi:dev::aks-network::aks-network:index:ClusterNetwork$azure-native:network:"


def test_steps_are_named_by_type_and_name_with_what_changes():
    rows = [
        {"op": "create", "urn": f"{URN}Subnet::network-extra"},
        {"op": "update", "urn": f"{URN}NatGateway::nat", "diffReasons": ["publicIpAddresses"]},
    ]
    assert changes.steps(rows) == (
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
    assert changes.steps(rows) == ()


def test_a_replacement_is_one_step_with_its_reasons():
    rows = [
        {"op": "create-replacement", "urn": f"{URN}Subnet::nodes"},
        {"op": "replace", "urn": f"{URN}Subnet::nodes", "replaceReasons": ["addressPrefix"]},
        {"op": "delete-replaced", "urn": f"{URN}Subnet::nodes"},
    ]
    assert changes.steps(rows) == (Step("replace", "network:Subnet", "nodes", ("addressPrefix",)),)


def test_a_base_that_is_no_commit_is_refused_with_the_remedy(capsys: pytest.CaptureFixture[str]):
    assert changes.main(["--base", "no-such-revision"]) == 1
    assert (
        "BASE must be a commit of this repository: there is no no-such-revision"
        in capsys.readouterr().err
    )


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
