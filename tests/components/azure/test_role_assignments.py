"""Role assignments: what their names tell apart."""

from __future__ import annotations

from pulumi_azure_native import managedidentity, resources

from components.azure.naming import Names
from components.azure.role_assignments import grant
from components.azure.roles import Role
from tests.helpers.mocks import record


def names_of(*pairs: tuple[str, str]) -> list[str]:
    """Names of assignments that differ in nothing but scope and principal, given by letters."""

    def program() -> None:
        groups = {
            letter: resources.ResourceGroup(
                letter, resource_group_name=f"rg-{letter}", location="westeurope"
            )
            for letter in sorted({scope for scope, _ in pairs})
        }
        principals = {
            letter: managedidentity.UserAssignedIdentity(
                f"id-{letter}",
                resource_name_=f"id-{letter}",
                resource_group_name=next(iter(groups.values())).name,
                location="westeurope",
            )
            for letter in sorted({principal for _, principal in pairs})
        }
        for scope, principal in pairs:
            grant(
                "same",
                names=Names("shop", "dev", "westeurope"),
                role=Role.READER,
                scope=groups[scope].id,
                principal_id=principals[principal].principal_id,
                parent=groups[scope],
            )

    made = record(program).of_type("authorization:RoleAssignment")
    return [assignment.inputs["roleAssignmentName"] for assignment in made]


def test_deployments_of_the_same_names_elsewhere_in_the_tenant_have_roles_of_their_own():
    assert len(set(names_of(("a", "x"), ("b", "x")))) == 2


def test_a_principal_that_is_replaced_gets_its_role_under_another_name():
    assert len(set(names_of(("a", "x"), ("a", "y")))) == 2


def test_a_second_run_finds_the_assignments_of_the_first():
    pair = ("a", "x")
    assert names_of(pair) == names_of(pair)
