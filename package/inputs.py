"""The inputs of each component of the package: the settings, and values of other resources.

No `from __future__ import annotations` here: Pulumi's analyzer reads these annotations as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi

from components.settings.stack import MODELS
from package.schema import TypeTranslation

TRANSLATION = TypeTranslation()

if TYPE_CHECKING:
    Settings = dict[str, Any]
else:
    Settings = TRANSLATION.settings(
        "Settings",
        "The configuration of a deployment, as in a stack file. It is checked as a whole.",
        MODELS,
    )


@dataclass(frozen=True, kw_only=True)
class AksNetworkInputs:
    """A deployment has no inputs but the settings."""

    settings: Settings
    """The configuration of the whole deployment."""


@dataclass(frozen=True, kw_only=True)
class ClusterNetworkInputs:
    """The network has no inputs but the settings."""

    settings: Settings
    """The configuration of the whole deployment, the same for all its components."""


@dataclass(frozen=True, kw_only=True)
class ManagementNetworkInputs(ClusterNetworkInputs):
    """The network to peer with."""

    cluster_network_id: pulumi.Input[str]
    """The cluster's virtual network: `virtualNetworkId` of ClusterNetwork."""


@dataclass(frozen=True, kw_only=True)
class EgressFirewallInputs(ClusterNetworkInputs):
    """The firewall's place."""

    resource_group_name: pulumi.Input[str]
    """The management network's resource group: `resourceGroupName` of ManagementNetwork."""
    subnet_ids: pulumi.Input[Mapping[str, str]]
    """The management network's subnets: `subnetIds` of ManagementNetwork."""


@dataclass(frozen=True, kw_only=True)
class ClusterIdentityInputs(ClusterNetworkInputs):
    """The identity's resource group and the scopes of its roles."""

    resource_group_name: pulumi.Input[str]
    """The cluster's resource group."""
    subnet_ids: pulumi.Input[Mapping[str, str]]
    """The cluster's network's: `subnetIds` of ClusterNetwork."""
    route_table_id: pulumi.Input[str] | None = None
    """`routeTableId` of ClusterNetwork, for kubenet: AKS writes routes to it."""


@dataclass(frozen=True, kw_only=True)
class DnsAndKeyVaultInputs(ClusterNetworkInputs):
    """The resource group of zones and vault, and the networks that use them."""

    resource_group_name: pulumi.Input[str]
    """The resource group for ingress."""
    subnet_ids: pulumi.Input[Mapping[str, str]]
    """The cluster's network's: `subnetIds` of ClusterNetwork."""
    cluster_network_id: pulumi.Input[str]
    """The cluster's virtual network: `virtualNetworkId` of ClusterNetwork."""
    management_network_id: pulumi.Input[str]
    """The management network: `virtualNetworkId` of ManagementNetwork."""


@dataclass(frozen=True, kw_only=True)
class WebApplicationFirewallInputs(ClusterNetworkInputs):
    """The firewall's place, the vault of its certificate, and the zones of its records."""

    resource_group_name: pulumi.Input[str]
    """The resource group of DnsAndKeyVault."""
    subnet_ids: pulumi.Input[Mapping[str, str]]
    """The cluster's network's: `subnetIds` of ClusterNetwork."""
    vault_id: pulumi.Input[str]
    """`vaultId` of DnsAndKeyVault."""
    vault_name: pulumi.Input[str]
    """`vaultName` of DnsAndKeyVault."""
    vault_uri: pulumi.Input[str]
    """`vaultUri` of DnsAndKeyVault."""
    public_zone_names: pulumi.Input[Mapping[str, str]]
    """`publicZoneNames` of DnsAndKeyVault: the zones of the records that point to the firewall."""


@dataclass(frozen=True, kw_only=True)
class ClusterInputs(ClusterNetworkInputs):
    """The resources that the cluster uses."""

    resource_group_name: pulumi.Input[str]
    """The cluster's resource group."""
    identity_id: pulumi.Input[str] | None = None
    """`identityId` of ClusterIdentity; none for a service principal."""
    principal_id: pulumi.Input[str]
    """`principalId` of ClusterIdentity."""
    subnet_ids: pulumi.Input[Mapping[str, str]]
    """The cluster's network's: `subnetIds` of ClusterNetwork."""
    cluster_network_id: pulumi.Input[str]
    """The cluster's virtual network: `virtualNetworkId` of ClusterNetwork."""
    management_network_id: pulumi.Input[str]
    """The management network: `virtualNetworkId` of ManagementNetwork. The name of a private API
    server resolves there, and the cluster waits for the peering."""
    addon_zone_ids: pulumi.Input[Mapping[str, Mapping[str, str]]] | None = None
    """`addonZoneIds` of DnsAndKeyVault, for the controller `app-routing`."""
    egress_addresses: pulumi.Input[Sequence[str]] | None = None
    """`egressAddresses` of ClusterNetwork, or `publicAddresses` of EgressFirewall. The API server
    admits them where `cluster.authorizedIpRanges` limits its clients."""
    application_gateway_id: pulumi.Input[str] | None = None
    """`gatewayId` of WebApplicationFirewall, for the controller `agic`."""
    log_analytics_workspace_id: pulumi.Input[str] | None = None
    """Resource id of a workspace for Microsoft Defender, with `observability.defender`."""


@dataclass(frozen=True, kw_only=True)
class AddonRolesInputs(ClusterNetworkInputs):
    """The principal of the roles and their scopes."""

    principal_id: pulumi.Input[str]
    """`appRoutingPrincipalId` or `agicPrincipalId` of Cluster, depending on the controller."""
    resource_group_id: pulumi.Input[str]
    """Resource id of the resource group of DnsAndKeyVault and WebApplicationFirewall."""
    vault_id: pulumi.Input[str] | None = None
    """`vaultId` of DnsAndKeyVault, for the controller `app-routing`."""
    addon_zone_ids: pulumi.Input[Mapping[str, Mapping[str, str]]] | None = None
    """`addonZoneIds` of DnsAndKeyVault, for the controller `app-routing`."""
    agic_scopes: pulumi.Input[Mapping[str, str]] | None = None
    """`agicScopes` of WebApplicationFirewall, for the controller `agic`."""
