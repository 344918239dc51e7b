"""Rules of roles: nobody is given more than is documented to be needed."""

from __future__ import annotations

import re

from analysis.audit.model import Resource, Stack, key
from analysis.audit.network import Complaints

TOO_MUCH = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
}
"""Built-in roles by which one can take over the scope ("Azure built-in roles", privileged)."""
NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7"

_NARROW = re.compile(
    r"/providers/microsoft\.network/(virtualnetworks/[^/]+/subnets|routetables|natgateways)/[^/]+$"
)
_NETWORK = re.compile(r"/providers/microsoft\.network/virtualnetworks/[^/]+$")


def privileged(stack: Stack) -> Complaints:
    """Nobody becomes Owner, Contributor or an administrator of roles."""
    for grant in stack.of_type("authorization:RoleAssignment"):
        if (name := TOO_MUCH.get(_role(grant))) is not None:
            yield grant, f"{name} on {grant.at('scope')}"


def network_contributors(stack: Stack) -> Complaints:
    """Network Contributor is for subnets.

    A private cluster with a private DNS zone of one's own needs it on the network that the zone is
    linked to ("Create a private AKS cluster", "Configure a private DNS zone").
    """
    own_zone = any(
        str(cluster.at("apiServerAccessProfile", "privateDNSZone") or "").startswith("/")
        for cluster in stack.of_type("containerservice:ManagedCluster")
    )
    for grant in stack.of_type("authorization:RoleAssignment"):
        scope = key(str(grant.at("scope")))
        if _role(grant) != NETWORK_CONTRIBUTOR or _NARROW.search(scope):
            continue
        if not (own_zone and _NETWORK.search(scope)):
            yield grant, f"Network Contributor on {grant.at('scope')}"


def scopes(stack: Stack) -> Complaints:
    """Roles are granted on single resources, not on the whole subscription."""
    for grant in stack.of_type("authorization:RoleAssignment"):
        if re.fullmatch(r"(/subscriptions/[^/]+|/providers/.*|/)?", key(str(grant.at("scope")))):
            yield grant, f"granted on {grant.at('scope')}"


def custom_roles(stack: Stack) -> Complaints:
    """Roles of one's own hold no wildcards and give no rights away."""
    for role in stack.of_type("authorization:RoleDefinition"):
        for permission in role.rows("permissions"):
            for action in permission.get("actions") or ():
                if "*" in action or action.lower().startswith("microsoft.authorization/"):
                    yield role, f"allows {action}"


def _role(grant: Resource) -> str:
    return str(grant.at("roleDefinitionId")).rsplit("/", 1)[-1].lower()
