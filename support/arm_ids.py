"""Ids of Azure and Kubernetes resources: their paths by type, and building and parsing ids.

azure-native builds a resource's id from its path in Azure's REST API and the inputs that the path
names. The id of a resource is therefore known before Azure is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from support.nested import at, is_list, is_mapping

AZURE = "azure-native:"
KUBERNETES = "kubernetes:"
RANDOM_NAME = "__createBeforeDelete"
"""azure-native's flag among the inputs of a resource whose name is random.

With a random name the new resource can be created before the old one is deleted."""
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine writes for a value that is not known yet."""

_PARAMETER = re.compile(r"{([\w.]+)}")
_IN_GROUP = "subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/"

PATHS = {
    "authorization:RoleAssignment": (
        "{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}"
    ),
    "authorization:RoleDefinition": (
        "{scope}/providers/Microsoft.Authorization/roleDefinitions/{roleDefinitionId}"
    ),
    "compute:DiskEncryptionSet": "Microsoft.Compute/diskEncryptionSets/{diskEncryptionSetName}",
    "compute:VirtualMachine": "Microsoft.Compute/virtualMachines/{vmName}",
    "compute:VirtualMachineExtension": (
        "Microsoft.Compute/virtualMachines/{vmName}/extensions/{vmExtensionName}"
    ),
    "containerregistry:Registry": "Microsoft.ContainerRegistry/registries/{registryName}",
    "containerservice:AgentPool": (
        "Microsoft.ContainerService/managedClusters/{resourceName}/agentPools/{agentPoolName}"
    ),
    "containerservice:MaintenanceConfiguration": (
        "Microsoft.ContainerService/managedClusters/{resourceName}"
        "/maintenanceConfigurations/{configName}"
    ),
    "containerservice:ManagedCluster": "Microsoft.ContainerService/managedClusters/{resourceName}",
    "dns:RecordSet": ("Microsoft.Network/dnsZones/{zoneName}/{recordType}/{relativeRecordSetName}"),
    "dns:Zone": "Microsoft.Network/dnsZones/{zoneName}",
    "dnsresolver:DnsResolver": "Microsoft.Network/dnsResolvers/{dnsResolverName}",
    "dnsresolver:InboundEndpoint": (
        "Microsoft.Network/dnsResolvers/{dnsResolverName}/inboundEndpoints/{inboundEndpointName}"
    ),
    "keyvault:AccessPolicy": "Microsoft.KeyVault/vaults/{vaultName}/accessPolicy/{policy.objectId}",
    "keyvault:Key": "Microsoft.KeyVault/vaults/{vaultName}/keys/{keyName}",
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
    "network:DdosProtectionPlan": "Microsoft.Network/ddosProtectionPlans/{ddosProtectionPlanName}",
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
    "network:NetworkWatcher": "Microsoft.Network/networkWatchers/{networkWatcherName}",
    "network:PrivateDnsZoneGroup": (
        "Microsoft.Network/privateEndpoints/{privateEndpointName}"
        "/privateDnsZoneGroups/{privateDnsZoneGroupName}"
    ),
    "network:PrivateEndpoint": "Microsoft.Network/privateEndpoints/{privateEndpointName}",
    "network:PublicIPAddress": "Microsoft.Network/publicIPAddresses/{publicIpAddressName}",
    "network:PublicIPPrefix": "Microsoft.Network/publicIPPrefixes/{publicIpPrefixName}",
    "network:Route": "Microsoft.Network/routeTables/{routeTableName}/routes/{routeName}",
    "network:RouteTable": "Microsoft.Network/routeTables/{routeTableName}",
    "network:SecurityRule": (
        "Microsoft.Network/networkSecurityGroups/{networkSecurityGroupName}"
        "/securityRules/{securityRuleName}"
    ),
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
    "privatedns:PrivateRecordSet": (
        "Microsoft.Network/privateDnsZones/{privateZoneName}/{recordType}/{relativeRecordSetName}"
    ),
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
    "storage:BlobContainer": (
        "Microsoft.Storage/storageAccounts/{accountName}/blobServices/default"
        "/containers/{containerName}"
    ),
    "storage:BlobServiceProperties": (
        "Microsoft.Storage/storageAccounts/{accountName}/blobServices/{blobServicesName}"
    ),
    "storage:FileServiceProperties": (
        "Microsoft.Storage/storageAccounts/{accountName}/fileServices/{fileServicesName}"
    ),
    "storage:QueueServiceProperties": (
        "Microsoft.Storage/storageAccounts/{accountName}/queueServices/{queueServiceName}"
    ),
    "storage:TableServiceProperties": (
        "Microsoft.Storage/storageAccounts/{accountName}/tableServices/{tableServiceName}"
    ),
    "storage:StorageAccount": "Microsoft.Storage/storageAccounts/{accountName}",
}
"""Paths in Azure's REST API by type token, without the package.

The parameters have the names of azure-native's inputs; a dot leads into an object. A path that
begins with `Microsoft.` is relative to the resource group. The simulator's resource types take
their paths from here, too.
"""


def full_path(token: str) -> str:
    """The whole path template of a type; `token` is without the package.

    Raises `KeyError` with the token for a type without a path.
    """
    path = PATHS[token]
    return _IN_GROUP + path if path.startswith("Microsoft.") else path


def parameters(path: str) -> list[str]:
    """Names of the parameters of a path template, in their order."""
    return _PARAMETER.findall(path)


def fill(path: str, values: Mapping[str, Any]) -> str:
    """The id that a path template gives for these values.

    A value that is an id, such as a scope, may begin with a slash or not.
    """

    def value(match: re.Match[str]) -> str:
        found = at(values, *match[1].split("."))
        if found is None:
            raise KeyError(match[1])
        return str(found).strip("/")

    filled = _PARAMETER.sub(value, path)
    return "/" + filled.strip("/")


@dataclass(frozen=True)
class ArmId:
    """The parts of an id: the `scope` before its last provider, its `type` and its `names`."""

    scope: str
    type: str
    """Such as `Microsoft.Network/virtualNetworks/subnets`."""
    names: tuple[str, ...]

    def lineage(self) -> list[tuple[str, str]]:
        """(type, id) of the resource, then of its parent, up to the resource below `scope`."""
        provider, *kinds = self.type.split("/")
        pairs = [f"{kind}/{name}" for kind, name in zip(kinds, self.names, strict=True)]
        return [
            (
                "/".join([provider, *kinds[:depth]]),
                "/".join([self.scope, "providers", provider, *pairs[:depth]]),
            )
            for depth in range(len(self.names), 0, -1)
        ]


def parse(resource_id: str) -> ArmId | None:
    """The parts of an id; None where it names no provider (a subscription or a resource group)."""
    start = resource_id.lower().rfind("/providers/")
    if start < 0:
        return None
    provider, *pairs = resource_id[start + len("/providers/") :].strip("/").split("/")
    kinds, names = pairs[0::2], pairs[1::2]
    if not names:
        return None
    type_ = "/".join([provider, *kinds[: len(names)]])
    return ArmId(resource_id[:start], type_, tuple(names))


def group_of(resource_id: str) -> str | None:
    """The id of the resource group that an id belongs to."""
    match = re.match(r"^/subscriptions/[^/]+/resourcegroups/[^/]+", resource_id, re.IGNORECASE)
    return match[0] if match else None


def name_of(resource_id: str) -> str:
    """The last name of an id: that of the resource itself."""
    return resource_id.rsplit("/", 1)[-1]


def parent_of(resource_id: str) -> str:
    """The id of a child resource's parent: of a subnet the virtual network."""
    return resource_id.rsplit("/", 2)[0]


def same(left: str, right: str) -> bool:
    """Whether two ids or two locations are equal: Azure ignores case and spaces."""
    return left.replace(" ", "").lower() == right.replace(" ", "").lower()


def ids_in(value: Any) -> Iterator[str]:
    """Every string in a nested value, map keys included, that is an id of an Azure resource."""
    if isinstance(value, str):
        if value[:15].lower().startswith(("/subscriptions/", "/providers/")):
            yield value
    elif is_mapping(value):
        for key, item in value.items():
            yield from ids_in(key)
            yield from ids_in(item)
    elif is_list(value):
        for item in value:
            yield from ids_in(item)


@dataclass(frozen=True)
class RandomName:
    """The path of a resource whose name azure-native generated: `<logical name><8 hex digits>`."""

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
        """Whether azure-native may have generated this name."""
        return bool(re.fullmatch(re.escape(self.logical_name) + r"[0-9a-f]{8}", name))


def id_of(token: str, inputs: Mapping[str, Any], subscription: str) -> str | None:
    """The id of a resource with a full type token; None where the inputs do not determine it.

    Raises `KeyError` with the token for a type without a path.
    """
    if token.startswith(KUBERNETES):
        return _object_id(inputs)
    path = full_path(token.removeprefix(AZURE))
    values = {**inputs, "subscriptionId": subscription}
    for name in parameters(path):
        value = at(values, *name.split("."))
        if not isinstance(value, str) or not value or UNKNOWN in value:
            return None
    return fill(path, values)


def _object_id(inputs: Mapping[str, Any]) -> str | None:
    """As pulumi-kubernetes writes it: `namespace/name`, or `name`; the same for Helm releases."""
    data: Mapping[str, Any] = inputs.get("metadata") or inputs
    name, namespace = data.get("name"), data.get("namespace")
    if not isinstance(name, str) or UNKNOWN in (name, namespace):
        return None
    return f"{namespace}/{name}" if namespace else name
