"""The RBAC roles that this program grants: built-in roles, and the actions of the custom role.

The custom role lets the cluster use its subnets. `components.cluster.identity` grants it, or
Network Contributor. Source of the GUIDs: Azure role-based access control, "Azure built-in roles".
"""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """A built-in role; the value is the GUID of its definition."""

    NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7"
    PRIVATE_DNS_ZONE_CONTRIBUTOR = "b12aa53e-6015-4669-85d0-8515ebb3ae7f"
    DNS_ZONE_CONTRIBUTOR = "befefa01-2a29-4197-83a8-272ff33ce314"
    KEY_VAULT_SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
    KEY_VAULT_CERTIFICATE_USER = "db79e9a7-68ee-4b58-9aeb-b90e7c24fcba"
    STORAGE_BLOB_DATA_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
    VIRTUAL_MACHINE_ADMINISTRATOR_LOGIN = "1c0163c0-47e6-4577-8991-ea5c82e286e4"
    READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
    MANAGED_IDENTITY_OPERATOR = "f1a07417-d97a-45cb-824c-7a7467783830"
    APPGW_FOR_CONTAINERS_CONFIGURATION_MANAGER = "fbc52c3f-28ad-4303-a892-8a056630b8f1"
    ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
    CONTAINER_REGISTRY_REPOSITORY_READER = "b93aa761-3e63-49ed-ac28-beffa264f7ac"
    CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"

    def definition_id(self, subscription_id: str) -> str:
        """The resource id of the role definition in a subscription."""
        provider = "Microsoft.Authorization/roleDefinitions"
        return f"/subscriptions/{subscription_id}/providers/{provider}/{self.value}"


_SUBNET_ACTIONS = (
    "Microsoft.Network/virtualNetworks/subnets/join/action",
    "Microsoft.Network/virtualNetworks/subnets/read",
)
"""What a cluster needs on a subnet outside its own resource group
(aks/concepts-network-cni-overview; operator-best-practices-network). Newer pages also list
Microsoft.Authorization/roleAssignments/write. Only the principal that grants the role needs that
action; the cluster could make itself Owner with it."""

_ROUTE_ACTIONS = (
    "Microsoft.Network/routeTables/read",
    "Microsoft.Network/routeTables/write",
    "Microsoft.Network/routeTables/routes/read",
    "Microsoft.Network/routeTables/routes/write",
    "Microsoft.Network/routeTables/routes/delete",
)
"""What a cluster with kubenet needs on a route table outside its own resource group: AKS keeps a
route for each node there (aks/aks-service-permissions, aks/configure-kubenet)."""


def subnet_actions(*, route_table: bool) -> tuple[str, ...]:
    """The actions of the custom role: only what the cluster needs.

    `route_table` says whether AKS writes routes itself (kubenet).
    """
    return (*_SUBNET_ACTIONS, *(_ROUTE_ACTIONS if route_table else ()))
