"""What each component of the package is given beside the settings: values of other resources.

No `from __future__ import annotations` here: Pulumi's analyzer reads these annotations as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi

from components.settings.stack import MODELS
from package.schema import Translation

TRANSLATION = Translation()

if TYPE_CHECKING:
    Settings = dict[str, Any]
else:
    Settings = TRANSLATION.settings(
        "Settings",
        "The configuration of a deployment, as in a stack file: all of it is checked together.",
        MODELS,
    )


@dataclass(frozen=True, kw_only=True)
class AksNetworkInputs:
    """A deployment is made of settings alone."""

    settings: Settings
    """The configuration of the whole deployment."""


@dataclass(frozen=True, kw_only=True)
class ClusterNetworkInputs:
    """The network is made of settings alone."""

    settings: Settings
    """The configuration of the whole deployment, the same for all its components."""


@dataclass(frozen=True, kw_only=True)
class ManagementNetworkInputs(ClusterNetworkInputs):
    """The network that it is peered with."""

    cluster_network_id: pulumi.Input[str]
    """The cluster's virtual network: `virtualNetworkId` of ClusterNetwork."""


@dataclass(frozen=True, kw_only=True)
class EgressFirewallInputs(ClusterNetworkInputs):
    """Where the firewall stands."""

    resource_group_name: pulumi.Input[str]
    """The management network's: `resourceGroupName` of ManagementNetwork."""
    subnet_ids: pulumi.Input[Mapping[str, str]]
    """The management network's: `subnetIds` of ManagementNetwork."""


@dataclass(frozen=True, kw_only=True)
class ClusterIdentityInputs(ClusterNetworkInputs):
    """Where the identity lives and what it is granted roles on."""

    resource_group_name: pulumi.Input[str]
    """The cluster's resource group."""
    subnet_ids: pulumi.Input[Mapping[str, str]]
    """The cluster's network's: `subnetIds` of ClusterNetwork."""
    route_table_id: pulumi.Input[str] | None = None
    """`routeTableId` of ClusterNetwork. With kubenet AKS itself writes to it."""


@dataclass(frozen=True, kw_only=True)
class DnsAndKeyVaultInputs(ClusterNetworkInputs):
    """Where zones and vault live and where they are reached from."""

    resource_group_name: pulumi.Input[str]
    """A resource group for what stands around ingress."""
    subnet_ids: pulumi.Input[Mapping[str, str]]
    """The cluster's network's: `subnetIds` of ClusterNetwork."""
    cluster_network_id: pulumi.Input[str]
    """The cluster's virtual network: `virtualNetworkId` of ClusterNetwork."""
    management_network_id: pulumi.Input[str]
    """The management network: `virtualNetworkId` of ManagementNetwork."""


@dataclass(frozen=True, kw_only=True)
class WebApplicationFirewallInputs(ClusterNetworkInputs):
    """Where the firewall stands, and where its certificate and its names are."""

    resource_group_name: pulumi.Input[str]
    """The resource group that DnsAndKeyVault is in, too."""
    subnet_ids: pulumi.Input[Mapping[str, str]]
    """The cluster's network's: `subnetIds` of ClusterNetwork."""
    vault_id: pulumi.Input[str]
    """`vaultId` of DnsAndKeyVault."""
    vault_name: pulumi.Input[str]
    """`vaultName` of DnsAndKeyVault."""
    vault_uri: pulumi.Input[str]
    """`vaultUri` of DnsAndKeyVault."""
    public_zone_names: pulumi.Input[Mapping[str, str]]
    """`publicZoneNames` of DnsAndKeyVault: the zones of the records that lead to the firewall."""


@dataclass(frozen=True, kw_only=True)
class ClusterInputs(ClusterNetworkInputs):
    """What is around the cluster."""

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
    """The management network: `virtualNetworkId` of ManagementNetwork. Operators resolve a private
    API server's name there, and the cluster waits for the peering."""
    addon_zone_ids: pulumi.Input[Mapping[str, Mapping[str, str]]] | None = None
    """`addonZoneIds` of DnsAndKeyVault, with the controller `app-routing`."""
    egress_addresses: pulumi.Input[Sequence[str]] | None = None
    """`egressAddresses` of ClusterNetwork or `publicAddress` of EgressFirewall, in a list; the API
    server lets them in where `cluster.authorizedIpRanges` limits who reaches it."""
    application_gateway_id: pulumi.Input[str] | None = None
    """`gatewayId` of WebApplicationFirewall, with the controller `agic`."""
    log_analytics_workspace_id: pulumi.Input[str] | None = None
    """A workspace for Microsoft Defender, with `observability.defender`."""


@dataclass(frozen=True, kw_only=True)
class AddonRolesInputs(ClusterNetworkInputs):
    """Whom to grant, and what."""

    principal_id: pulumi.Input[str]
    """`appRoutingPrincipalId` or `agicPrincipalId` of Cluster, by the controller."""
    resource_group_id: pulumi.Input[str]
    """Resource id of the group that DnsAndKeyVault and WebApplicationFirewall are in."""
    vault_id: pulumi.Input[str] | None = None
    """`vaultId` of DnsAndKeyVault, with the controller `app-routing`."""
    addon_zone_ids: pulumi.Input[Mapping[str, Mapping[str, str]]] | None = None
    """`addonZoneIds` of DnsAndKeyVault, with the controller `app-routing`."""
    agic_scopes: pulumi.Input[Mapping[str, str]] | None = None
    """`agicScopes` of WebApplicationFirewall, with the controller `agic`."""
