"""Rules about role assignments: no more permissions than documented as required."""

from __future__ import annotations

import re

from analysis.audit.violations import Violations
from analysis.stack_state import Resource, State, key

PRIVILEGED_ROLES = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
}
"""Built-in roles that give full control of a scope ("Azure built-in roles", privileged)."""
NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7"

_NARROW_SCOPE = re.compile(
    r"/providers/microsoft\.network/(virtualnetworks/[^/]+/subnets|routetables|natgateways)/[^/]+$"
)


def privileged_roles(state: State) -> Violations:
    """No assignment gives Owner, Contributor or the right to assign roles."""
    for assignment in state.of_type("authorization:RoleAssignment"):
        if (name := PRIVILEGED_ROLES.get(_role(assignment))) is not None:
            yield assignment, f"{name} on {assignment.at('scope')}"


def _holds_only_addresses(state: State, scope: str) -> bool:
    """Whether a resource group of the state contains public IP addresses and nothing else.

    A cluster attaches a public address of another resource group only with this role on the group
    (aks/static-ip).
    """
    inside = [item for item in state.resources if item.key.startswith(f"{scope}/providers/")]
    assigned = "/providers/microsoft.authorization/"
    kinds = {item.token for item in inside if assigned not in item.key.removeprefix(scope)}
    return kinds == {"network:PublicIPAddress"}


def network_contributors(state: State) -> Violations:
    """Network Contributor is assigned on subnets or public addresses, not on whole networks.

    A private cluster with a custom private DNS zone needs Private DNS Zone Contributor on the
    virtual network that AKS links the zone to (github.com/mspnp/aks-baseline).
    """
    for assignment in state.of_type("authorization:RoleAssignment"):
        scope = key(assignment.at("scope"))
        narrow = _NARROW_SCOPE.search(scope) or _holds_only_addresses(state, scope)
        if _role(assignment) == NETWORK_CONTRIBUTOR and not narrow:
            yield assignment, f"Network Contributor on {assignment.at('scope')}"


def subscription_scopes(state: State) -> Violations:
    """Roles are assigned below a subscription."""
    for assignment in state.of_type("authorization:RoleAssignment"):
        scope = key(assignment.at("scope"))
        if re.fullmatch(r"(/subscriptions/[^/]+|/providers/.*|/)?", scope):
            yield assignment, f"assigned on {assignment.at('scope')}"


def custom_roles(state: State) -> Violations:
    """Custom roles list their actions and cannot change role assignments."""
    for role in state.of_type("authorization:RoleDefinition"):
        for permission in role.items("permissions"):
            for action in permission.get("actions") or ():
                if "*" in action or action.lower().startswith("microsoft.authorization/"):
                    yield role, f"allows {action}"


def _role(assignment: Resource) -> str:
    return str(assignment.at("roleDefinitionId")).rsplit("/", 1)[-1].lower()
