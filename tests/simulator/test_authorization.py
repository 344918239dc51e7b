"""Role definitions, role assignments and the principals that hold them."""

from __future__ import annotations

import pytest

from simulator.azure.cloud import Cloud
from simulator.azure.namespaces.authorization.built_in_roles import BUILT_IN_ROLES, NAMES
from simulator.azure.namespaces.authorization.permissions import allows
from simulator.errors import BadSetting

CUSTOM = "aaaaaaaa-0000-4000-8000-000000000001"
OTHER = "bbbbbbbb-0000-4000-8000-000000000001"
READ = "Microsoft.Network/virtualNetworks/subnets/read"


def define(azure, scope: str, *, name: str = "subnet-user", role: str = CUSTOM, **more):
    given = {"permissions": [{"actions": [READ]}], **more}
    return azure.put(
        "authorization:RoleDefinition", scope=scope, roleDefinitionId=role, roleName=name, **given
    )


def definition(**more):
    return {"scope": "/subscriptions/s", "roleDefinitionId": OTHER, "roleName": "other", **more}


def test_an_assignments_name_is_a_guid(azure):
    made = azure.role(azure.network().id, azure.identity().outputs["principalId"])
    error = azure.refused(
        "authorization:RoleAssignment", **{**made.inputs, "roleAssignmentName": "join"}
    )
    assert error.code == "InvalidRoleAssignmentId"


def test_a_client_id_is_no_principal(azure):
    identity, network = azure.identity(), azure.network()
    made = azure.role(network.id, identity.outputs["principalId"])
    mistaken = {
        **made.inputs,
        "roleAssignmentName": OTHER,
        "principalId": identity.outputs["clientId"],
        "principalType": "User",
    }
    error = azure.refused("authorization:RoleAssignment", **mistaken)
    assert (error.code, error.target) == ("PrincipalNotFound", "principalId")


def test_a_new_principal_is_found_once_it_is_replicated_or_its_type_is_said(azure):
    """Rule: a_new_principal_is_not_known_everywhere_yet."""
    azure.cloud.replication_seconds = 3600
    principal, network = azure.identity().outputs["principalId"], azure.network()
    made = azure.role(network.id, principal)
    assert made.inputs["principalType"] == "ServicePrincipal"
    group = made.inputs["scope"].split("/providers/")[0]
    unsaid = {**made.inputs, "roleAssignmentName": OTHER, "principalType": "User", "scope": group}
    assert azure.refused("authorization:RoleAssignment", **unsaid).code == "PrincipalNotFound"
    azure.cloud.replication_seconds = 0
    assert azure.refused("authorization:RoleAssignment", **unsaid).code == "UnmatchedPrincipalType"


def test_a_new_role_is_not_effective_yet(azure):
    azure.cloud.replication_seconds = 3600
    principal, network = azure.identity().outputs["principalId"], azure.network()
    azure.role(network.id, principal)
    join = "Microsoft.Network/virtualNetworks/join/action"
    assert not allows(azure.cloud, principal, join, network.id)
    azure.cloud.replication_seconds = 0
    assert allows(azure.cloud, principal, join, network.id)


def test_one_name_of_an_assignment_in_two_scopes_is_refused(azure):
    """Rule: the_name_of_an_assignment_is_its_own."""
    principal, network = azure.identity().outputs["principalId"], azure.network()
    made = azure.role(network.id, principal)
    elsewhere = {**made.inputs, "scope": azure.subnet("nodes", "10.0.0.0/20").id}
    error = azure.refused("authorization:RoleAssignment", **elsewhere)
    assert error.code == "RoleAssignmentUpdateNotPermitted"


@pytest.mark.parametrize("text", ["soon", ""])
def test_a_replication_delay_that_is_no_number_is_named(text: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AZURE_SIM_REPLICATION", text)
    with pytest.raises(BadSetting, match="AZURE_SIM_REPLICATION"):
        Cloud()


def test_a_role_on_what_does_not_exist_is_refused(azure):
    identity = azure.identity()
    made = azure.role(azure.network().id, identity.outputs["principalId"])
    nowhere = {**made.inputs, "roleAssignmentName": OTHER, "scope": f"{made.inputs['scope']}-2"}
    assert azure.refused("authorization:RoleAssignment", **nowhere).code == "ResourceNotFound"


def test_an_assignment_goes_with_what_it_is_about(azure):
    network = azure.network()
    made = azure.role(network.id, azure.identity().outputs["principalId"])
    azure.cloud.delete(network.id)
    assert not azure.cloud.exists(made.id)


def test_a_custom_role_is_assigned_within_its_scopes_only(azure):
    network, principal = azure.network(), azure.identity().outputs["principalId"]
    other = azure.network("other", "10.7.0.0/16")
    define(azure, network.id, assignableScopes=[network.id])
    assert azure.role(network.id, principal, CUSTOM)
    scope = {"scope": other.id, "roleAssignmentName": OTHER}
    inputs = {**azure.role(other.id, principal).inputs, **scope}
    inputs["roleDefinitionId"] = (
        f"{network.id}/providers/Microsoft.Authorization/roleDefinitions/{CUSTOM}"
    )
    assert azure.refused("authorization:RoleAssignment", **inputs).code == (
        "RoleDefinitionDoesNotExist"
    )


@pytest.mark.parametrize("name", ["subnet-user", "SUBNET-USER", "Network Contributor"])
def test_a_roles_name_is_its_own(azure, name):
    define(azure, azure.network().id)
    error = azure.refused("authorization:RoleDefinition", **definition(roleName=name))
    assert (error.status, error.code) == (409, "RoleDefinitionWithSameNameExists")


@pytest.mark.parametrize(
    ("action", "accepted"),
    [
        ("*", True),
        ("*/read", True),
        ("Microsoft.Network/*/join/action", True),
        (READ, True),
        ("join", False),
        ("Microsoft.Network", False),
        ("Microsoft.Network /read", False),
    ],
)
def test_an_action_names_a_resource_provider(azure, action, accepted):
    inputs = definition(permissions=[{"actions": [action]}])
    if accepted:
        assert azure.put("authorization:RoleDefinition", **inputs)
    else:
        error = azure.refused("authorization:RoleDefinition", **inputs)
        assert error.code == "InvalidActionOrNotAction"


def test_a_role_in_use_is_not_deleted(azure):
    network = azure.network()
    role = define(azure, network.id)
    made = azure.role(network.id, azure.identity().outputs["principalId"], CUSTOM)
    assert azure.delete_refused(role).code == "RoleDefinitionHasAssignments"
    azure.cloud.delete(made.id)
    azure.cloud.delete(role.id)
    assert not azure.cloud.exists(role.id)


def test_a_role_and_its_assignments_go_with_what_both_are_about(azure):
    network = azure.network()
    role = define(azure, network.id)
    azure.role(network.id, azure.identity().outputs["principalId"], CUSTOM)
    azure.cloud.delete(network.id)
    assert not azure.cloud.exists(role.id)


@pytest.mark.parametrize("role", sorted({*NAMES, *BUILT_IN_ROLES}))
def test_every_built_in_role_can_be_assigned(azure, role):
    assert azure.role(azure.network().id, "p", role)


def test_built_in_roles_have_ids_and_names_of_their_own():
    assert not NAMES.keys() & BUILT_IN_ROLES.keys()
    names = [*NAMES.values()]
    names += [name for name, _ in BUILT_IN_ROLES.values()]
    assert len(set(names)) == len(names)


def test_a_custom_role_cannot_have_the_name_of_any_built_in_role(azure):
    error = azure.refused(
        "authorization:RoleDefinition",
        scope=f"/subscriptions/{azure.cloud.subscription}",
        roleDefinitionId="aaaaaaaa-0000-4000-8000-000000000001",
        roleName="acrpush",
        permissions=[{"actions": ["*/read"]}],
    )
    assert error.code == "RoleDefinitionWithSameNameExists"


def test_a_role_definition_that_is_no_guid_is_refused(azure):
    error = azure.refused(
        "authorization:RoleAssignment",
        scope=azure.network().id,
        principalId="p",
        principalType="ServicePrincipal",
        roleDefinitionId="/providers/Microsoft.Authorization/roleDefinitions/Contributor",
        roleAssignmentName="aaaaaaaa-0000-4000-8000-000000000001",
    )
    assert (error.code, error.target) == ("InvalidRoleDefinitionId", "roleDefinitionId")
