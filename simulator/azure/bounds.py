"""The bounds that azure-native checks: numbers, lengths of texts and patterns.

azure-native takes them from the specifications of Azure's APIs at the versions in the `TYPES`
tables. The SDK does not contain them. Source: github.com/Azure/bicep-types-az, generated/.
azure-native does not check the number of items in a list, and does not look into unions.
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.azure.schema import Problem
from support.nested import values_at


@dataclass(frozen=True)
class Bounds:
    """What a number or a text can be."""

    minimum: int | None = None
    maximum: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None

    def reasons(self, value: Any) -> Iterator[str]:
        """Why a value is out of bounds; values of other types have no bounds."""
        if isinstance(value, str):
            yield from self._reasons_of_text(value)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            if self.minimum is not None and value < self.minimum:
                yield f"{value} is too low: at least {self.minimum} is required"
            if self.maximum is not None and value > self.maximum:
                yield f"{value} is too high: at most {self.maximum} is allowed"

    def _reasons_of_text(self, value: str) -> Iterator[str]:
        shown = reprlib.repr(value)
        length = len(value.encode())  # Go's len, which azure-native uses, counts bytes.
        if self.min_length is not None and length < self.min_length:
            yield f"{shown} is too short: at least {self.min_length} characters are required"
        if self.max_length is not None and length > self.max_length:
            yield f"{shown} is too long: at most {self.max_length} characters are allowed"
        if self.pattern and not re.search(_go(self.pattern), value, re.ASCII):
            yield f"{shown} does not match {self.pattern}"


def _go(pattern: str) -> str:
    """A pattern as Go reads it: `$` is the end of the text, not the end of its last line."""
    return pattern.replace("$", r"\Z")


_PORT = Bounds(minimum=1, maximum=65535)
_FIREWALL_PORT = Bounds(minimum=0, maximum=64000)
_PRIORITY = Bounds(minimum=100, maximum=65000)
_ASN = Bounds(minimum=0, maximum=4294967295)
_DAYS = Bounds(minimum=1, maximum=365)
_GUID = Bounds(
    min_length=36, max_length=36, pattern=r"^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$"
)
_TRAFFIC = Bounds(pattern=r"^[A-Za-z0-9]([A-Za-z0-9-_.]{0,62}[A-Za-z0-9])?$")
_CIDR = Bounds(pattern=r"^([0-9]{1,3}\.){3}[0-9]{1,3}(/([0-9]|[1-2][0-9]|3[0-2]))?$")
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)"
_IP = Bounds(pattern=rf"^(?:{_OCTET}\.){{3}}{_OCTET}$")

_IMMUTABILITY = "immutableStorageWithVersioning.immutabilityPolicy"

_POOL: Mapping[str, Bounds] = {
    "osDiskSizeGB": Bounds(minimum=0, maximum=2048),
    "upgradeSettings.drainTimeoutInMinutes": Bounds(minimum=1, maximum=1440),
    "upgradeSettings.nodeSoakDurationInMinutes": Bounds(minimum=0, maximum=30),
    "kubeletConfig.containerLogMaxFiles": Bounds(minimum=2),
    "linuxOSConfig.sysctls.netIpv4TcpkeepaliveIntvl": Bounds(minimum=10, maximum=90),
    "linuxOSConfig.sysctls.netNetfilterNfConntrackMax": Bounds(minimum=131072, maximum=2097152),
    "linuxOSConfig.sysctls.netNetfilterNfConntrackBuckets": Bounds(minimum=65536, maximum=524288),
    "networkProfile.allowedHostPorts[].portStart": _PORT,
    "networkProfile.allowedHostPorts[].portEnd": _PORT,
    "gatewayProfile.publicIPPrefixSize": Bounds(minimum=28, maximum=31),
}

BOUNDS: Mapping[str, Mapping[str, Bounds]] = {
    "containerregistry:Registry": {
        "registryName": Bounds(min_length=5, max_length=50, pattern=r"^[a-zA-Z0-9]*$"),
    },
    "containerservice:AgentPool": {
        **_POOL,
        "agentPoolName": Bounds(min_length=1, max_length=12, pattern=r"^[a-z][a-z0-9]{0,11}$"),
    },
    "containerservice:MaintenanceConfiguration": {
        "timeInWeek[].hourSlots[]": Bounds(minimum=0, maximum=23),
        "maintenanceWindow.schedule.daily.intervalDays": Bounds(minimum=1, maximum=7),
        "maintenanceWindow.schedule.weekly.intervalWeeks": Bounds(minimum=1, maximum=4),
        "maintenanceWindow.schedule.absoluteMonthly.intervalMonths": Bounds(minimum=1, maximum=6),
        "maintenanceWindow.schedule.absoluteMonthly.dayOfMonth": Bounds(minimum=1, maximum=31),
        "maintenanceWindow.schedule.relativeMonthly.intervalMonths": Bounds(minimum=1, maximum=6),
        "maintenanceWindow.durationHours": Bounds(minimum=4, maximum=24),
        "maintenanceWindow.utcOffset": Bounds(pattern=r"^(-|\+)[0-9]{2}:[0-9]{2}$"),
        "maintenanceWindow.startTime": Bounds(pattern=r"^\d{2}:\d{2}$"),
    },
    "containerservice:ManagedCluster": {
        "agentPoolProfiles[].name": Bounds(pattern=r"^[a-z][a-z0-9]{0,11}$"),
        **{f"agentPoolProfiles[].{path}": row for path, row in _POOL.items()},
        "linuxProfile.adminUsername": Bounds(pattern=r"^[A-Za-z][-A-Za-z0-9_]*$"),
        "networkProfile.podCidr": _CIDR,
        "networkProfile.serviceCidr": _CIDR,
        "networkProfile.dnsServiceIP": _IP,
        "networkProfile.loadBalancerProfile.managedOutboundIPs.count": Bounds(
            minimum=1, maximum=100
        ),
        "networkProfile.loadBalancerProfile.managedOutboundIPs.countIPv6": Bounds(
            minimum=0, maximum=100
        ),
        "networkProfile.loadBalancerProfile.allocatedOutboundPorts": _FIREWALL_PORT,
        "networkProfile.loadBalancerProfile.idleTimeoutInMinutes": Bounds(minimum=4, maximum=120),
        "networkProfile.natGatewayProfile.managedOutboundIPProfile.count": Bounds(
            minimum=1, maximum=16
        ),
        "networkProfile.natGatewayProfile.idleTimeoutInMinutes": Bounds(minimum=4, maximum=120),
        "serviceMeshProfile.istio.components.egressGateways[].name": Bounds(
            pattern=r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
        ),
        "resourceName": Bounds(
            min_length=1,
            max_length=63,
            pattern=r"^[a-zA-Z0-9]$|^[a-zA-Z0-9][-_a-zA-Z0-9]{0,61}[a-zA-Z0-9]$",
        ),
    },
    "keyvault:Key": {
        "keyName": Bounds(pattern=r"^[a-zA-Z0-9-]{1,127}$"),
    },
    "keyvault:AccessPolicy": {
        "policy.tenantId": _GUID,
        "policy.applicationId": _GUID,
    },
    "keyvault:Secret": {
        "secretName": Bounds(pattern=r"^[a-zA-Z0-9-]{1,127}$"),
    },
    "keyvault:Vault": {
        "properties.tenantId": _GUID,
        "properties.accessPolicies[].tenantId": _GUID,
        "properties.accessPolicies[].applicationId": _GUID,
        "vaultName": Bounds(pattern=r"^[a-zA-Z0-9-]{3,24}$"),
    },
    "managedidentity:FederatedIdentityCredential": {
        "federatedIdentityCredentialResourceName": Bounds(
            pattern=r"^[a-zA-Z0-9]{1}[a-zA-Z0-9-_]{2,119}$"
        ),
    },
    "monitor:DiagnosticSetting": {
        "metrics[].retentionPolicy.days": Bounds(minimum=0),
        "logs[].retentionPolicy.days": Bounds(minimum=0),
    },
    "network:ApplicationGateway": {
        "probes[].port": _PORT,
        "backendHttpSettingsCollection[].connectionDraining.drainTimeoutInSec": Bounds(
            minimum=1, maximum=3600
        ),
        "requestRoutingRules[].priority": Bounds(minimum=1, maximum=20000),
        "routingRules[].priority": Bounds(minimum=1, maximum=20000),
        "webApplicationFirewallConfiguration.maxRequestBodySize": Bounds(minimum=8, maximum=128),
        "webApplicationFirewallConfiguration.maxRequestBodySizeInKb": Bounds(
            minimum=8, maximum=128
        ),
        "webApplicationFirewallConfiguration.fileUploadLimitInMb": Bounds(minimum=0),
        "autoscaleConfiguration.minCapacity": Bounds(minimum=0),
        "autoscaleConfiguration.maxCapacity": Bounds(minimum=2),
        "loadDistributionPolicies[].loadDistributionTargets[].weightPerServer": Bounds(
            minimum=1, maximum=100
        ),
    },
    "network:AzureFirewall": {
        "applicationRuleCollections[].priority": _PRIORITY,
        "applicationRuleCollections[].rules[].protocols[].port": _FIREWALL_PORT,
        "natRuleCollections[].priority": _PRIORITY,
        "networkRuleCollections[].priority": _PRIORITY,
        "autoscaleConfiguration.minCapacity": Bounds(minimum=2),
        "autoscaleConfiguration.maxCapacity": Bounds(minimum=2),
        "azureFirewallName": Bounds(min_length=1, max_length=56),
    },
    "network:BastionHost": {
        "scaleUnits": Bounds(minimum=2, maximum=50),
    },
    "network:FirewallPolicy": {
        "explicitProxy.httpPort": _FIREWALL_PORT,
        "explicitProxy.httpsPort": _FIREWALL_PORT,
        "explicitProxy.pacFilePort": _FIREWALL_PORT,
    },
    "network:FirewallPolicyRuleCollectionGroup": {
        "priority": _PRIORITY,
    },
    "network:LocalNetworkGateway": {
        "bgpSettings.asn": _ASN,
        "localNetworkGatewayName": Bounds(min_length=1),
    },
    "network:NetworkInterface": {
        "ipConfigurations[].privateIPAddressPrefixLength": Bounds(minimum=1, maximum=128),
    },
    "network:VirtualNetworkGateway": {
        "bgpSettings.asn": _ASN,
    },
    "network:VirtualNetworkGatewayConnection": {
        "virtualNetworkGateway1.bgpSettings.asn": _ASN,
        "virtualNetworkGateway2.bgpSettings.asn": _ASN,
        "localNetworkGateway2.bgpSettings.asn": _ASN,
    },
    "network:WebApplicationFirewallPolicy": {
        "policySettings.maxRequestBodySizeInKb": Bounds(minimum=8),
        "policySettings.fileUploadLimitInMb": Bounds(minimum=0),
        "policySettings.customBlockResponseStatusCode": Bounds(minimum=0),
        "policySettings.customBlockResponseBody": Bounds(
            max_length=32768,
            pattern=r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$",
        ),
        "policySettings.jsChallengeCookieExpirationInMins": Bounds(minimum=5, maximum=1440),
        "customRules[].name": Bounds(max_length=128),
        "policyName": Bounds(max_length=128),
    },
    "operationalinsights:Workspace": {
        "workspaceName": Bounds(
            min_length=4, max_length=63, pattern=r"^[A-Za-z0-9][A-Za-z0-9-]+[A-Za-z0-9]$"
        ),
    },
    "resources:ResourceGroup": {
        "resourceGroupName": Bounds(min_length=1, max_length=90, pattern=r"^[-\w\._\(\)]+$"),
    },
    "servicenetworking:AssociationsInterface": {
        "associationName": _TRAFFIC,
    },
    "servicenetworking:FrontendsInterface": {
        "frontendName": _TRAFFIC,
    },
    "servicenetworking:SecurityPoliciesInterface": {
        "securityPolicyName": _TRAFFIC,
    },
    "servicenetworking:TrafficControllerInterface": {
        "trafficControllerName": _TRAFFIC,
    },
    "storage:BlobContainer": {
        "containerName": Bounds(min_length=3, max_length=63),
    },
    "storage:BlobServiceProperties": {
        "changeFeed.retentionInDays": Bounds(minimum=1, maximum=146000),
        "containerDeleteRetentionPolicy.days": _DAYS,
        "deleteRetentionPolicy.days": _DAYS,
        "restorePolicy.days": _DAYS,
    },
    "storage:FileServiceProperties": {
        "shareDeleteRetentionPolicy.days": _DAYS,
    },
    "storage:StorageAccount": {
        f"{_IMMUTABILITY}.immutabilityPeriodSinceCreationInDays": Bounds(minimum=1, maximum=146000),
        "accountName": Bounds(min_length=3, max_length=24, pattern=r"^[a-z0-9]+$"),
    },
}
"""By type and path of the property; `[]` stands for all items of a list."""


def problems(token: str, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """The values among the inputs that azure-native refuses as out of bounds."""
    for path, bounds in BOUNDS.get(token.removeprefix("azure-native:"), {}).items():
        for where, value in values_at(inputs, path):
            for reason in bounds.reasons(value):
                yield Problem(where, reason, "bounds")
