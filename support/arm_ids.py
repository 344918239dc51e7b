"""Ids of Azure and Kubernetes resources, from their types and inputs alone.

azure-native makes a resource's id of the path in Azure's REST API and the inputs that are named in
it, so that the id of a resource is known before anyone has asked Azure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

AZURE = "azure-native:"
KUBERNETES = "kubernetes:"
RANDOM_NAME = "__createBeforeDelete"
"""azure-native's mark among the inputs of a resource that it gave a random name."""
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine writes for a value that is not known yet."""

_PARAMETER = re.compile(r"{(\w+)}")
_IN_GROUP = "subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/"

PATHS = {
    "authorization:RoleAssignment": (
        "{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}"
    ),
    "authorization:RoleDefinition": (
        "{scope}/providers/Microsoft.Authorization/roleDefinitions/{roleDefinitionId}"
    ),
    "compute:VirtualMachine": "Microsoft.Compute/virtualMachines/{vmName}",
    "compute:VirtualMachineExtension": (
        "Microsoft.Compute/virtualMachines/{vmName}/extensions/{vmExtensionName}"
    ),
    "containerservice:AgentPool": (
        "Microsoft.ContainerService/managedClusters/{resourceName}/agentPools/{agentPoolName}"
    ),
    "containerservice:ManagedCluster": "Microsoft.ContainerService/managedClusters/{resourceName}",
    "dns:RecordSet": ("Microsoft.Network/dnsZones/{zoneName}/{recordType}/{relativeRecordSetName}"),
    "dns:Zone": "Microsoft.Network/dnsZones/{zoneName}",
    "dnsresolver:DnsResolver": "Microsoft.Network/dnsResolvers/{dnsResolverName}",
    "dnsresolver:InboundEndpoint": (
        "Microsoft.Network/dnsResolvers/{dnsResolverName}/inboundEndpoints/{inboundEndpointName}"
    ),
    "keyvault:Secret": "Microsoft.KeyVault/vaults/{vaultName}/secrets/{secretName}",
    "keyvault:Vault": "Microsoft.KeyVault/vaults/{vaultName}",
    "managedidentity:FederatedIdentityCredential": (
        "Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}"
        "/federatedIdentityCredentials/{federatedIdentityCredentialResourceName}"
    ),
    "managedidentity:UserAssignedIdentity": (
        "Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}"
    ),
    "monitor:DiagnosticSetting": (
        "{resourceUri}/providers/Microsoft.Insights/diagnosticSettings/{name}"
    ),
    "network:ApplicationGateway": "Microsoft.Network/applicationGateways/{applicationGatewayName}",
    "network:AzureFirewall": "Microsoft.Network/azureFirewalls/{azureFirewallName}",
    "network:BastionHost": "Microsoft.Network/bastionHosts/{bastionHostName}",
    "network:FirewallPolicy": "Microsoft.Network/firewallPolicies/{firewallPolicyName}",
    "network:FirewallPolicyRuleCollectionGroup": (
        "Microsoft.Network/firewallPolicies/{firewallPolicyName}"
        "/ruleCollectionGroups/{ruleCollectionGroupName}"
    ),
    "network:FlowLog": (
        "Microsoft.Network/networkWatchers/{networkWatcherName}/flowLogs/{flowLogName}"
    ),
    "network:LocalNetworkGateway": (
        "Microsoft.Network/localNetworkGateways/{localNetworkGatewayName}"
    ),
    "network:NatGateway": "Microsoft.Network/natGateways/{natGatewayName}",
    "network:NetworkInterface": "Microsoft.Network/networkInterfaces/{networkInterfaceName}",
    "network:NetworkSecurityGroup": (
        "Microsoft.Network/networkSecurityGroups/{networkSecurityGroupName}"
    ),
    "network:PrivateDnsZoneGroup": (
        "Microsoft.Network/privateEndpoints/{privateEndpointName}"
        "/privateDnsZoneGroups/{privateDnsZoneGroupName}"
    ),
    "network:PrivateEndpoint": "Microsoft.Network/privateEndpoints/{privateEndpointName}",
    "network:PublicIPAddress": "Microsoft.Network/publicIPAddresses/{publicIpAddressName}",
    "network:Route": "Microsoft.Network/routeTables/{routeTableName}/routes/{routeName}",
    "network:RouteTable": "Microsoft.Network/routeTables/{routeTableName}",
    "network:Subnet": "Microsoft.Network/virtualNetworks/{virtualNetworkName}/subnets/{subnetName}",
    "network:VirtualNetwork": "Microsoft.Network/virtualNetworks/{virtualNetworkName}",
    "network:VirtualNetworkGateway": (
        "Microsoft.Network/virtualNetworkGateways/{virtualNetworkGatewayName}"
    ),
    "network:VirtualNetworkGatewayConnection": (
        "Microsoft.Network/connections/{virtualNetworkGatewayConnectionName}"
    ),
    "network:VirtualNetworkPeering": (
        "Microsoft.Network/virtualNetworks/{virtualNetworkName}"
        "/virtualNetworkPeerings/{virtualNetworkPeeringName}"
    ),
    "network:WebApplicationFirewallPolicy": (
        "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies/{policyName}"
    ),
    "operationalinsights:Workspace": "Microsoft.OperationalInsights/workspaces/{workspaceName}",
    "privatedns:PrivateZone": "Microsoft.Network/privateDnsZones/{privateZoneName}",
    "privatedns:VirtualNetworkLink": (
        "Microsoft.Network/privateDnsZones/{privateZoneName}"
        "/virtualNetworkLinks/{virtualNetworkLinkName}"
    ),
    "resources:ResourceGroup": "subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}",
    "servicenetworking:AssociationsInterface": (
        "Microsoft.ServiceNetworking/trafficControllers/{trafficControllerName}"
        "/associations/{associationName}"
    ),
    "servicenetworking:FrontendsInterface": (
        "Microsoft.ServiceNetworking/trafficControllers/{trafficControllerName}"
        "/frontends/{frontendName}"
    ),
    "servicenetworking:SecurityPoliciesInterface": (
        "Microsoft.ServiceNetworking/trafficControllers/{trafficControllerName}"
        "/securityPolicies/{securityPolicyName}"
    ),
    "servicenetworking:TrafficControllerInterface": (
        "Microsoft.ServiceNetworking/trafficControllers/{trafficControllerName}"
    ),
    "storage:StorageAccount": "Microsoft.Storage/storageAccounts/{accountName}",
}
"""Paths in Azure's REST API by type, with the parameters named as azure-native's inputs.

`Microsoft.X/…` means: in a resource group."""


@dataclass(frozen=True)
class RandomName:
    """A resource's path up to a name that azure-native drew: `<logical name><8 hex digits>`."""

    parent: str
    """`/subscriptions/…/providers/Microsoft.KeyVault/vaults`."""
    logical_name: str

    @property
    def group(self) -> str:
        """Name of the resource group."""
        return self.parent.split("/")[4]

    @property
    def arm_type(self) -> str:
        """Such as `Microsoft.KeyVault/vaults`."""
        return self.parent.rpartition("/providers/")[2]

    def matches(self, name: str) -> bool:
        """Whether azure-native may have drawn this name."""
        return bool(re.fullmatch(re.escape(self.logical_name) + r"[0-9a-f]{8}", name))


def id_of(token: str, inputs: Mapping[str, Any], subscription: str) -> str | None:
    """The id of a resource with a full type token; None where the inputs do not tell it.

    Raises `KeyError` with the token for a type without a path.
    """
    if token.startswith(KUBERNETES):
        return _object_id(inputs)
    path = PATHS[token.removeprefix(AZURE)]
    full = _IN_GROUP + path if path.startswith("Microsoft.") else path
    values = {**inputs, "subscriptionId": subscription}
    for name in _PARAMETER.findall(full):
        value = values.get(name)
        if not isinstance(value, str) or not value or UNKNOWN in value:
            return None
    return "/" + _PARAMETER.sub(lambda found: values[found[1]], full).lstrip("/")


def _object_id(inputs: Mapping[str, Any]) -> str | None:
    """As pulumi-kubernetes writes it: `namespace/name`, or `name`; the same for Helm releases."""
    data: Mapping[str, Any] = inputs.get("metadata") or inputs
    name, namespace = data.get("name"), data.get("namespace")
    if not isinstance(name, str) or UNKNOWN in (name, namespace):
        return None
    return f"{namespace}/{name}" if namespace else name
