"""A network and a cluster in it, built through the component package.

Remote construction, as from any language: this program imports nothing of aks-network. An SDK that
`pulumi package add` makes has a class for each component instead of `Component` below.
"""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_azure_native import resources


class Component(pulumi.ComponentResource):
    """A component of the package, by its name."""

    def __init__(
        self,
        kind: str,
        name: str,
        inputs: dict[str, Any],
        outputs: tuple[str, ...] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        properties = {**dict.fromkeys(outputs), **inputs}
        super().__init__(f"aks-network:index:{kind}", name, properties, opts, remote=True)

    def __getitem__(self, output: str) -> pulumi.Output[Any]:
        return self.__dict__[output]


config = pulumi.Config()
settings: dict[str, Any] = {
    "location": "westeurope",
    "workload": "shop",
    "environment": "pkg",
    "tags": {"owner": "platform"},
    "network": {
        "addressSpace": ["10.20.0.0/16"],
        "podCidr": "10.244.0.0/16",
        "reserved": [{"name": "head-office", "cidr": "192.168.0.0/16"}],
    },
    "management": {
        "addressSpace": ["10.30.0.0/24"],
        "bastion": {"sku": "Basic", "tunneling": False},
        "jumpBox": {"sshPublicKey": config.require("sshPublicKey")},
    },
    "cluster": {
        "kubernetesVersion": "1.35",
        "nodePools": [
            {
                "name": "system",
                "mode": "System",
                "vmSize": "Standard_D4ds_v5",
                "minCount": 2,
                "maxCount": 4,
            }
        ],
    },
    "ingress": {
        "publicDnsZones": ["myapp.com"],
        "privateDnsZones": ["shop.internal"],
        "waf": {"maxCapacity": 2, "certificate": {"pfx": config.require_secret("certificate")}},
    },
    "kubernetes": {
        "delivery": "none",
        "applications": [
            {
                "name": "myapp",
                "host": "myapp.com",
                "services": [{"name": "store", "app": "store", "path": ["/"]}],
            }
        ],
    },
}

region = settings["location"]
cluster_group = resources.ResourceGroup("cluster", location=region)
ingress_group = resources.ResourceGroup("ingress", location=region)

network = Component(
    "ClusterNetwork",
    "network",
    {"settings": settings},
    ("virtualNetworkId", "subnetIds", "egressAddresses"),
)
management = Component(
    "ManagementNetwork",
    "management",
    {"settings": settings, "clusterNetworkId": network["virtualNetworkId"]},
    ("virtualNetworkId", "bastionName"),
)
places = {
    "settings": settings,
    "subnetIds": network["subnetIds"],
    "clusterNetworkId": network["virtualNetworkId"],
    "managementNetworkId": management["virtualNetworkId"],
}
identity = Component(
    "ClusterIdentity",
    "identity",
    {
        "settings": settings,
        "resourceGroupName": cluster_group.name,
        "subnetIds": network["subnetIds"],
    },
    ("identityId", "principalId"),
)
routing = Component(
    "DnsAndKeyVault",
    "routing",
    {**places, "resourceGroupName": ingress_group.name},
    ("vaultId", "vaultName", "vaultUri", "addonZoneIds", "publicZoneNames", "nameServers"),
)
firewall = Component(
    "WebApplicationFirewall",
    "waf",
    {
        "settings": settings,
        "resourceGroupName": ingress_group.name,
        "subnetIds": network["subnetIds"],
        "vaultId": routing["vaultId"],
        "vaultName": routing["vaultName"],
        "vaultUri": routing["vaultUri"],
        "publicZoneNames": routing["publicZoneNames"],
    },
    ("address",),
)
cluster = Component(
    "Cluster",
    "cluster",
    {
        **places,
        "resourceGroupName": cluster_group.name,
        "identityId": identity["identityId"],
        "principalId": identity["principalId"],
        "addonZoneIds": routing["addonZoneIds"],
    },
    ("name", "fqdn", "appRoutingPrincipalId"),
)
Component(
    "AddonRoles",
    "roles",
    {
        "settings": settings,
        "principalId": cluster["appRoutingPrincipalId"],
        "resourceGroupId": ingress_group.id,
        "vaultId": routing["vaultId"],
        "addonZoneIds": routing["addonZoneIds"],
    },
)

pulumi.export("clusterName", cluster["name"])
pulumi.export("apiServer", cluster["fqdn"])
pulumi.export("wafPublicAddress", firewall["address"])
pulumi.export("bastionName", management["bastionName"])
pulumi.export("nameServers", routing["nameServers"])
