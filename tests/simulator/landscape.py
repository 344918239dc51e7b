"""What the tests of network rules stand on: short ways to write the larger resources."""

from __future__ import annotations

from typing import Any

from simulator.azure.namespaces.network.required_rules import BASTION_FLOWS
from simulator.store import Resource
from tests.helpers.certificates import PFX
from tests.simulator.subscription import Subscription

Inputs = dict[str, Any]
GATEWAY = "network:ApplicationGateway"
DELEGATED = {"name": "applicationGateways", "serviceName": "Microsoft.Network/applicationGateways"}
SECRET = "https://kv-test.vault.azure.net/secrets/tls"


def ref(resource: Resource) -> Inputs:
    return {"id": resource.id}


def rule(name: str, priority: int = 100, **more: Any) -> Inputs:
    """A security rule that lets everything in, changed as given."""
    return {
        "name": name,
        "priority": priority,
        "direction": "Inbound",
        "access": "Allow",
        "protocol": "*",
        "sourceAddressPrefix": "*",
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "*",
        **more,
    }


def group(azure: Subscription, *rules: Inputs, name: str = "nsg", **more: Any) -> Resource:
    return azure.put(
        "network:NetworkSecurityGroup",
        networkSecurityGroupName=name,
        securityRules=list(rules),
        **more,
    )


def bastion_rules() -> list[Inputs]:
    """Microsoft's own sample of the complete set, with the sample's names."""
    names = (
        "AllowHttpsInbound",
        "AllowGatewayManagerInbound",
        "AllowAzureLoadBalancerInbound",
        "AllowBastionHostCommunication",
        "AllowSshRdpOutbound",
        "AllowAzureCloudOutbound",
        "AllowBastionCommunication",
        "AllowHttpOutbound",
    )
    made: list[Inputs] = []
    for number, (name, flow) in enumerate(zip(names, BASTION_FLOWS, strict=True)):
        ports = [str(port) for port in sorted(flow.ports)]
        made.append(
            rule(
                name,
                110 + number * 10,
                direction=flow.direction,
                sourceAddressPrefix=flow.sources[0],
                destinationAddressPrefix=flow.destinations[0],
                destinationPortRange=None,
                destinationPortRanges=ports,
            )
        )
    return [{key: value for key, value in item.items() if value is not None} for item in made]


def peering(
    azure: Subscription, here: str, there: Resource, name: str = "", **more: Any
) -> Resource:
    return azure.put(**peering_inputs(here, there, name, **more))


def peering_inputs(here: str, there: Resource, name: str = "", **more: Any) -> Inputs:
    return {
        "token": "network:VirtualNetworkPeering",
        "virtualNetworkName": here,
        "virtualNetworkPeeringName": name or f"{here}-to-{there.name}",
        "remoteVirtualNetwork": ref(there),
        **more,
    }


def interface(subnet: Resource, name: str = "nic", **more: Any) -> Inputs:
    """Inputs of a network interface, `more` being its configuration's."""
    configuration = {"name": "c", "subnet": ref(subnet), **more}
    return {
        "token": "network:NetworkInterface",
        "networkInterfaceName": name,
        "ipConfigurations": [configuration],
    }


def hosted(subnet: Resource, address: Resource | None) -> list[Inputs]:
    """The ip configurations of a Bastion, a firewall or a gateway."""
    public = {"publicIPAddress": ref(address)} if address else {}
    return [{"name": "c", "subnet": ref(subnet), **public}]


def firewall(azure: Subscription, subnet: Resource, policy: Resource, **more: Any) -> Resource:
    """An Azure Firewall `afw` with a public address of its own."""
    return azure.put(
        "network:AzureFirewall",
        azureFirewallName="afw",
        sku={"name": "AZFW_VNet", "tier": "Standard"},
        firewallPolicy=ref(policy),
        ipConfigurations=hosted(subnet, azure.address("pip-afw")),
        **more,
    )


def zonal_address(azure: Subscription, name: str = "pip") -> Resource:
    return azure.put(
        "network:PublicIPAddress",
        publicIpAddressName=name,
        sku={"name": "Standard"},
        publicIPAllocationMethod="Static",
        zones=["1", "2", "3"],
    )


def vpn_gateway(subnet: Resource, address: Resource, **more: Any) -> Inputs:
    return {
        "token": "network:VirtualNetworkGateway",
        "virtualNetworkGatewayName": "vgw",
        "gatewayType": "Vpn",
        "vpnType": "RouteBased",
        "sku": {"name": "VpnGw1AZ", "tier": "VpnGw1AZ"},
        "ipConfigurations": hosted(subnet, address),
        **more,
    }


class Waf:
    """A subnet, an address, a policy, a certificate and an identity, and a gateway upon them."""

    def __init__(self, azure: Subscription, *, rbac: bool = True) -> None:
        self.azure = azure
        azure.network()
        self.subnet = azure.subnet("agw", "10.0.1.0/24", delegations=[DELEGATED])
        self.address = azure.address("pip-agw")
        self.policy = azure.put(**policy())
        self.identity = azure.identity("id-agw")
        properties: Inputs = {
            "tenantId": azure.cloud.tenant,
            "sku": {"family": "A", "name": "standard"},
            "enableRbacAuthorization": rbac,
        }
        self.vault = azure.put("keyvault:Vault", vaultName="kv-test", properties=properties)
        azure.put(
            "keyvault:Secret",
            vaultName="kv-test",
            secretName="tls",
            properties={"value": PFX},
        )
        if rbac:
            principal = self.identity.outputs["principalId"]
            azure.role(self.vault.id, principal, "4633458b-17de-408a-b874-0445c86b69e6")

    @property
    def id(self) -> str:
        return self.subnet.id.split("/virtualNetworks/")[0] + "/applicationGateways/agw"

    def to(self, collection: str, name: str) -> Inputs:
        return {"id": f"{self.id}/{collection}/{name}"}

    def listener(self, name: str = "l", **more: Any) -> Inputs:
        return {
            "name": name,
            "protocol": "Https",
            "hostName": f"{name}.example.com",
            "frontendIPConfiguration": self.to("frontendIPConfigurations", "public"),
            "frontendPort": self.to("frontendPorts", "p443"),
            "sslCertificate": self.to("sslCertificates", "tls"),
            **more,
        }

    def routing(self, name: str = "r", listener: str = "l", **more: Any) -> Inputs:
        return {
            "name": name,
            "ruleType": "Basic",
            "priority": 100,
            "httpListener": self.to("httpListeners", listener),
            "backendAddressPool": self.to("backendAddressPools", "pool"),
            "backendHttpSettings": self.to("backendHttpSettingsCollection", "s"),
            **more,
        }

    def inputs(self, **changes: Any) -> Inputs:
        """A valid request; a change to None takes a property away."""
        given: Inputs = {
            "token": GATEWAY,
            "applicationGatewayName": "agw",
            "sku": {"name": "WAF_v2", "tier": "WAF_v2"},
            "autoscaleConfiguration": {"minCapacity": 0, "maxCapacity": 3},
            "firewallPolicy": ref(self.policy),
            "identity": {"type": "UserAssigned", "userAssignedIdentities": [self.identity.id]},
            "gatewayIPConfigurations": [{"name": "g", "subnet": ref(self.subnet)}],
            "frontendIPConfigurations": [{"name": "public", "publicIPAddress": ref(self.address)}],
            "frontendPorts": [{"name": "p443", "port": 443}],
            "sslCertificates": [{"name": "tls", "keyVaultSecretId": SECRET}],
            "backendAddressPools": [{"name": "pool"}],
            "backendHttpSettingsCollection": [{"name": "s", "port": 443, "protocol": "Https"}],
            "httpListeners": [self.listener()],
            "requestRoutingRules": [self.routing()],
            **changes,
        }
        return {key: value for key, value in given.items() if value is not None}

    def put(self, **changes: Any) -> Resource:
        return self.azure.put(**self.inputs(**changes))

    def refused(self, **changes: Any) -> Any:
        return self.azure.refused(**self.inputs(**changes))


def policy(*sets: tuple[str, str], **more: Any) -> Inputs:
    chosen = sets or (("Microsoft_DefaultRuleSet", "2.1"), ("Microsoft_BotManagerRuleSet", "1.1"))
    rules = [{"ruleSetType": kind, "ruleSetVersion": version} for kind, version in chosen]
    return {
        "token": "network:WebApplicationFirewallPolicy",
        "policyName": "waf",
        "managedRules": {"managedRuleSets": rules},
        **more,
    }
