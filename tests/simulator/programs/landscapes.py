"""Programs around a network: NAT, gateways, hub and spoke."""

from __future__ import annotations

from tests.simulator.programs.program import Program

NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7"
MANAGED_IDENTITY_OPERATOR = "f1a07417-d97a-45cb-824c-7a7467783830"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"


def nat(program: Program) -> None:
    """Subnets within their network, a NAT gateway, identities of one's own, a federated one."""
    address = program(
        "network:PublicIPAddress",
        "pip",
        sku={"name": "Standard", "tier": "Regional"},
        publicIPAllocationMethod="Static",
        publicIPAddressVersion="IPv4",
    )
    gateway = program(
        "network:NatGateway",
        "nat",
        sku={"name": "Standard"},
        publicIpAddresses=[{"id": address.id}],
        idleTimeoutInMinutes=10,
    )
    group = program(
        "network:NetworkSecurityGroup",
        "nsg",
        securityRules=[
            {
                "name": "https",
                "priority": 100,
                "direction": "Inbound",
                "access": "Allow",
                "protocol": "Tcp",
                "sourceAddressPrefix": "Internet",
                "sourcePortRange": "*",
                "destinationAddressPrefix": "*",
                "destinationPortRanges": ["80", "443"],
            }
        ],
    )
    network = program(
        "network:VirtualNetwork",
        "vnet",
        addressSpace={"addressPrefixes": ["10.1.0.0/16"]},
        subnets=[
            {
                "name": "aks",
                "addressPrefix": "10.1.0.0/20",
                "natGateway": {"id": gateway.id},
                "networkSecurityGroup": {"id": group.id},
            },
            {"name": "spare", "addressPrefix": "10.1.16.0/24"},
        ],
    )
    own = program("managedidentity:UserAssignedIdentity", "id-aks")
    kubelet = program("managedidentity:UserAssignedIdentity", "id-kubelet")
    workload = program("managedidentity:UserAssignedIdentity", "id-app")
    principal = own.outputs["principalId"]
    program.role("network", network.id, principal, NETWORK_CONTRIBUTOR)
    program.role("kubelet", kubelet.id, principal, MANAGED_IDENTITY_OPERATOR)
    cluster = program(
        "containerservice:ManagedCluster",
        "aks",
        dnsPrefix="aks",
        identity={"type": "UserAssigned", "userAssignedIdentities": [own.id]},
        identityProfile={
            "kubeletidentity": {
                "resourceId": kubelet.id,
                "clientId": kubelet.outputs["clientId"],
                "objectId": kubelet.outputs["principalId"],
            }
        },
        oidcIssuerProfile={"enabled": True},
        agentPoolProfiles=[
            {
                "name": "system",
                "mode": "System",
                "count": 3,
                "vmSize": "Standard_D4ds_v5",
                "osSKU": "AzureLinux",
                "osDiskType": "Ephemeral",
                "vnetSubnetID": f"{network.id}/subnets/aks",
                "upgradeSettings": {"maxSurge": "33%"},
            }
        ],
        networkProfile={
            "networkPlugin": "azure",
            "networkPluginMode": "overlay",
            "outboundType": "userAssignedNATGateway",
            "serviceCidr": "172.16.0.0/16",
            "dnsServiceIP": "172.16.0.10",
        },
    )
    program(
        "managedidentity:FederatedIdentityCredential",
        "app",
        resourceName=workload.outputs["name"],
        issuer=cluster.outputs["oidcIssuerProfile"]["issuerURL"],
        subject="system:serviceaccount:shop:app",
        audiences=["api://AzureADTokenExchange"],
    )


def gateway(program: Program) -> None:
    """An Application Gateway that the cluster's add-on configures, with a firewall."""
    (nodes,) = program.network(("nodes", "10.1.0.0/20"))
    service = "Microsoft.Network/applicationGateways"
    front = program(
        "network:Subnet",
        "gateway",
        virtualNetworkName=nodes.id.split("/")[-3],
        addressPrefix="10.1.16.0/24",
        delegations=[{"name": "gateway", "serviceName": service}],
    )
    address = program(
        "network:PublicIPAddress",
        "pip",
        sku={"name": "Standard"},
        publicIPAllocationMethod="Static",
        dnsSettings={"domainNameLabel": "shop"},
    )
    policy = program(
        "network:WebApplicationFirewallPolicy",
        "waf",
        managedRules={"managedRuleSets": [{"ruleSetType": "OWASP", "ruleSetVersion": "3.2"}]},
        policySettings={"mode": "Prevention", "state": "Enabled"},
    )
    path = (
        f"/subscriptions/{program.provider.cloud.subscription}/resourceGroups/{program.group}"
        "/providers/Microsoft.Network/applicationGateways/agw"
    )
    made = program(
        "network:ApplicationGateway",
        "agw",
        applicationGatewayName="agw",
        sku={"name": "WAF_v2", "tier": "WAF_v2", "capacity": 2},
        firewallPolicy={"id": policy.id},
        gatewayIPConfigurations=[{"name": "ip", "subnet": {"id": front.id}}],
        frontendIPConfigurations=[{"name": "front", "publicIPAddress": {"id": address.id}}],
        frontendPorts=[{"name": "http", "port": 80}],
        backendAddressPools=[{"name": "pool"}],
        backendHttpSettingsCollection=[
            {
                "name": "settings",
                "port": 80,
                "protocol": "Http",
                "cookieBasedAffinity": "Disabled",
                "requestTimeout": 30,
            }
        ],
        httpListeners=[
            {
                "name": "listener",
                "frontendIPConfiguration": {"id": f"{path}/frontendIPConfigurations/front"},
                "frontendPort": {"id": f"{path}/frontendPorts/http"},
                "protocol": "Http",
            }
        ],
        requestRoutingRules=[
            {
                "name": "rule",
                "ruleType": "Basic",
                "priority": 100,
                "httpListener": {"id": f"{path}/httpListeners/listener"},
                "backendAddressPool": {"id": f"{path}/backendAddressPools/pool"},
                "backendHttpSettings": {"id": f"{path}/backendHttpSettingsCollection/settings"},
            }
        ],
    )
    cluster = program(
        "containerservice:ManagedCluster",
        "aks",
        dnsPrefix="aks",
        identity={"type": "SystemAssigned"},
        addonProfiles={
            "ingressApplicationGateway": {
                "enabled": True,
                "config": {"applicationGatewayId": made.id},
            },
            "azureKeyvaultSecretsProvider": {
                "enabled": True,
                "config": {"enableSecretRotation": "true"},
            },
        },
        agentPoolProfiles=[
            {
                "name": "system",
                "mode": "System",
                "count": 2,
                "vmSize": "Standard_D4s_v5",
                "vnetSubnetID": nodes.id,
            }
        ],
        networkProfile={
            "networkPlugin": "azure",
            "serviceCidr": "10.2.0.0/16",
            "dnsServiceIP": "10.2.0.10",
        },
    )
    addon = cluster.outputs["addonProfiles"]["ingressApplicationGateway"]["identity"]
    program.role("agic", made.id, addon["objectId"], CONTRIBUTOR)
    program.role("join", front.id, addon["objectId"], NETWORK_CONTRIBUTOR)


def spoke(program: Program) -> None:
    """A hub with a firewall, a spoke behind it with a cluster, and a private endpoint."""
    hub = program(
        "network:VirtualNetwork", "hub", addressSpace={"addressPrefixes": ["10.0.0.0/22"]}
    )
    wall = program(
        "network:Subnet",
        "wall",
        virtualNetworkName=hub.outputs["name"],
        subnetName="AzureFirewallSubnet",
        addressPrefix="10.0.0.0/26",
    )
    address = program(
        "network:PublicIPAddress",
        "pip",
        sku={"name": "Standard"},
        publicIPAllocationMethod="Static",
    )
    policy = program(
        "network:FirewallPolicy",
        "policy",
        sku={"tier": "Standard"},
        threatIntelMode="Alert",
        dnsSettings={"enableProxy": True},
    )
    program(
        "network:FirewallPolicyRuleCollectionGroup",
        "rules",
        firewallPolicyName=policy.outputs["name"],
        priority=200,
        ruleCollections=[
            {
                "name": "aks",
                "priority": 100,
                "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
                "action": {"type": "Allow"},
                "rules": [
                    {
                        "ruleType": "ApplicationRule",
                        "name": "aks",
                        "sourceAddresses": ["10.1.0.0/16"],
                        "fqdnTags": ["AzureKubernetesService"],
                        "protocols": [{"protocolType": "Https", "port": 443}],
                    }
                ],
            }
        ],
    )
    firewall = program(
        "network:AzureFirewall",
        "afw",
        sku={"name": "AZFW_VNet", "tier": "Standard"},
        firewallPolicy={"id": policy.id},
        ipConfigurations=[
            {
                "name": "ip",
                "subnet": {"id": wall.id},
                "publicIPAddress": {"id": address.id},
            }
        ],
    )
    hop = firewall.outputs["ipConfigurations"][0]["privateIPAddress"]
    table = program(
        "network:RouteTable",
        "rt",
        routes=[
            {
                "name": "default",
                "addressPrefix": "0.0.0.0/0",
                "nextHopType": "VirtualAppliance",
                "nextHopIpAddress": hop,
            }
        ],
    )
    network = program(
        "network:VirtualNetwork", "spoke", addressSpace={"addressPrefixes": ["10.1.0.0/16"]}
    )
    in_spoke = {"virtualNetworkName": network.outputs["name"]}
    nodes = program(
        "network:Subnet",
        "nodes",
        **in_spoke,
        addressPrefix="10.1.0.0/20",
        routeTable={"id": table.id},
    )
    ends = program("network:Subnet", "endpoints", **in_spoke, addressPrefix="10.1.16.0/24")
    for name, here, there in (("out", network, hub), ("back", hub, network)):
        program(
            "network:VirtualNetworkPeering",
            name,
            virtualNetworkName=here.outputs["name"],
            remoteVirtualNetwork={"id": there.id},
            allowForwardedTraffic=True,
            allowVirtualNetworkAccess=True,
        )
    images = program(
        "containerregistry:Registry", "acr", sku={"name": "Premium"}, adminUserEnabled=False
    )
    zone = program(
        "privatedns:PrivateZone",
        "zone",
        privateZoneName="privatelink.azurecr.io",
        location="global",
    )
    program(
        "privatedns:VirtualNetworkLink",
        "link",
        privateZoneName=zone.outputs["name"],
        location="global",
        registrationEnabled=False,
        virtualNetwork={"id": network.id},
    )
    endpoint = program(
        "network:PrivateEndpoint",
        "acr",
        subnet={"id": ends.id},
        privateLinkServiceConnections=[
            {"name": "acr", "privateLinkServiceId": images.id, "groupIds": ["registry"]}
        ],
    )
    program(
        "network:PrivateDnsZoneGroup",
        "default",
        privateEndpointName=endpoint.outputs["name"],
        privateDnsZoneConfigs=[{"name": "acr", "privateDnsZoneId": zone.id}],
    )
    identity = program("managedidentity:UserAssignedIdentity", "id")
    program.role("network", network.id, identity.outputs["principalId"], NETWORK_CONTRIBUTOR)
    program.role("routes", table.id, identity.outputs["principalId"], NETWORK_CONTRIBUTOR)
    program(
        "containerservice:ManagedCluster",
        "aks",
        dnsPrefix="aks",
        identity={"type": "UserAssigned", "userAssignedIdentities": {identity.id: {}}},
        apiServerAccessProfile={"enablePrivateCluster": True, "privateDNSZone": "system"},
        agentPoolProfiles=[
            {
                "name": "system",
                "mode": "System",
                "count": 3,
                "vmSize": "Standard_D4s_v5",
                "vnetSubnetID": nodes.id,
            }
        ],
        networkProfile={
            "networkPlugin": "azure",
            "networkPluginMode": "overlay",
            "outboundType": "userDefinedRouting",
            "serviceCidr": "10.2.0.0/16",
            "dnsServiceIP": "10.2.0.10",
        },
    )
