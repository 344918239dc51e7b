"""Azure Firewall in the management network, which the cluster's egress goes through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import network

from components.azure.common import LONG_TIMEOUTS, CommonArgs
from components.azure.component import Component
from components.network import virtual_network
from components.network.egress_rules import ApplicationRule, NetworkRule
from components.settings.network import FirewallSettings

_NETWORK_PRIORITY, _APPLICATION_PRIORITY = 200, 300
_BASE_PRIORITY, _API_SERVER_PRIORITY = 200, 300
_PORTS = {"Https": 443, "Http": 80}


@dataclass(frozen=True)
class EgressFirewallArgs:
    """The firewall's place, settings and rules."""

    common: CommonArgs
    resource_group_name: pulumi.Input[str]
    """Resource group of the management network."""
    subnet_id: pulumi.Input[str]
    management_subnet_id: pulumi.Input[str] | None
    """Only for the Basic tier, which needs a second subnet and public address for management."""
    settings: FirewallSettings
    sources: Sequence[str]
    """The ranges of nodes and pods in CIDR notation: the sources that the rules allow."""
    network_rules: Sequence[NetworkRule]
    application_rules: Sequence[ApplicationRule]


class EgressFirewall(Component):
    """Public addresses, firewall policy with its rules, and the firewall.

    The firewall denies everything that no rule allows. Its private address is known from the
    address plan, so the routes do not wait for it. The cluster waits for `ready`, because nodes
    download packages and images when they start.
    """

    firewall_id: pulumi.Output[str]
    """The firewall's resource id."""
    public_address: pulumi.Output[str]
    """The first of `public_addresses`."""
    public_addresses: Sequence[pulumi.Output[str]]
    """The public addresses of the cluster's outbound connections. Azure Firewall chooses one of
    them for each connection."""
    ready: Sequence[pulumi.Resource]
    """The firewall and its rules."""

    def __init__(
        self, name: str, args: EgressFirewallArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        self._name = name
        self._args = args
        # Azure does not change the tier of a policy (FirewallPolicySkuChangeDisallowed), and does
        # not delete one that a firewall has. Each tier has its own policy, with a logical name of
        # its own: the new one is created, the firewall changes to it, the old one is deleted last.
        self._suffix = () if args.settings.tier == "Standard" else (args.settings.tier.lower(),)
        policy = self._policy()
        self._policy_name = policy.name
        rules = self._rules(policy)
        addresses = [
            self._public_ip(_numbered("firewall", number))
            for number in range(1, args.settings.public_ip_count + 1)
        ]
        firewall = network.AzureFirewall(
            f"{name}-afw",
            azure_firewall_name=args.common.names.of("afw"),
            resource_group_name=args.resource_group_name,
            location=args.common.location,
            sku=network.AzureFirewallSkuArgs(name="AZFW_VNet", tier=args.settings.tier),
            firewall_policy=network.SubResourceArgs(id=policy.id),
            ip_configurations=[
                network.AzureFirewallIPConfigurationArgs(
                    name=_numbered("egress", number),
                    # The others are in the same subnet, and must not name it.
                    subnet=network.SubResourceArgs(id=args.subnet_id) if number == 1 else None,
                    public_ip_address=network.SubResourceArgs(id=address.id),
                )
                for number, address in enumerate(addresses, start=1)
            ],
            management_ip_configuration=self._management(),
            zones=list(args.settings.zones) or None,
            tags=args.common.tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=args.common.protect,
                custom_timeouts=LONG_TIMEOUTS,
                # Azure refuses rules while a firewall of the policy is being written, and the
                # firewall while rules are (FirewallPolicyUpdateFailed).
                depends_on=[rules],
                # Only the tier Basic has one. Azure changes a firewall neither to Basic nor from
                # it (azure/firewall/change-sku), and a subnet has one firewall: the old one is
                # deleted first.
                replace_on_changes=["managementIpConfiguration"],
                delete_before_replace=True,
            ),
        )
        self.firewall_id = firewall.id
        self.public_addresses = [
            address.ip_address.apply(lambda text: text or "") for address in addresses
        ]
        self.public_address = self.public_addresses[0]
        self.ready = [firewall, rules]
        self.register_outputs(
            {"publicAddress": self.public_address, "publicAddresses": self.public_addresses}
        )

    def _public_ip(self, part: str) -> network.PublicIPAddress:
        return virtual_network.public_ip(
            f"{self._name}-{part}-ip",
            common=self._args.common,
            azure_name=self._args.common.names.of("pip", part),
            resource_group_name=self._args.resource_group_name,
            zones=self._args.settings.zones,
            parent=self,
        )

    def _management(self) -> network.AzureFirewallIPConfigurationArgs | None:
        if self._args.management_subnet_id is None:
            return None
        return network.AzureFirewallIPConfigurationArgs(
            name="management",
            subnet=network.SubResourceArgs(id=self._args.management_subnet_id),
            public_ip_address=network.SubResourceArgs(id=self._public_ip("firewall-management").id),
        )

    def _of_tier(self, part: str) -> str:
        """The logical name of a part of the policy."""
        return "-".join((self._name, part, *self._suffix))

    def _policy(self) -> network.FirewallPolicy:
        tier = self._args.settings.tier
        basic = tier == "Basic"
        return network.FirewallPolicy(
            self._of_tier("policy"),
            firewall_policy_name=self._args.common.names.of("afwp", *self._suffix),
            resource_group_name=self._args.resource_group_name,
            location=self._args.common.location,
            sku=network.FirewallPolicySkuArgs(tier=tier),
            threat_intel_mode="Alert" if basic else "Deny",
            # Rules by FQDN need the DNS proxy, which the Basic tier does not have.
            dns_settings=None if basic else network.DnsSettingsArgs(enable_proxy=True),
            tags=self._args.common.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def allow_api_server(self, fqdn: pulumi.Input[str]) -> pulumi.Resource:
        """Allow pods to dial a public API server by its address.

        The FQDN is known once the cluster exists. AKS's own pods use it already, so that the
        cluster itself does not need this rule. What else runs in the cluster waits for the result.
        Source: aks/outbound-rules-control-egress, "Required network rules".
        """
        rule = network.NetworkRuleArgs(
            name="api-server",
            rule_type="NetworkRule",
            ip_protocols=["TCP"],
            source_addresses=list(self._args.sources),
            destination_fqdns=[fqdn],
            destination_ports=["443"],
        )
        return network.FirewallPolicyRuleCollectionGroup(
            self._of_tier("api-server"),
            rule_collection_group_name="api-server",
            firewall_policy_name=self._policy_name,
            resource_group_name=self._args.resource_group_name,
            priority=_API_SERVER_PRIORITY,
            rule_collections=[_allow("api-server-network", _NETWORK_PRIORITY, [rule])],
            # A group is written while neither the firewall nor another group is (`_rules`).
            opts=pulumi.ResourceOptions(parent=self, depends_on=self.ready),
        )

    def _rules(self, policy: network.FirewallPolicy) -> network.FirewallPolicyRuleCollectionGroup:
        sources = list(self._args.sources)
        network_rules = [_network_rule(rule, sources) for rule in self._args.network_rules]
        application_rules = [
            _application_rule(rule, sources) for rule in self._args.application_rules
        ]
        return network.FirewallPolicyRuleCollectionGroup(
            self._of_tier("rules"),
            rule_collection_group_name="aks",
            firewall_policy_name=policy.name,
            resource_group_name=self._args.resource_group_name,
            priority=_BASE_PRIORITY,
            rule_collections=[
                _allow("aks-network", _NETWORK_PRIORITY, network_rules),
                _allow("aks-application", _APPLICATION_PRIORITY, application_rules),
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )


def _numbered(name: str, number: int) -> str:
    """The name of the first one, `name`, or of a further one, such as `name-2`.

    The first has no number, so that a firewall with one address keeps its names.
    """
    return name if number == 1 else f"{name}-{number}"


def _allow(
    name: str,
    priority: int,
    rules: Sequence[network.NetworkRuleArgs | network.ApplicationRuleArgs],
) -> network.FirewallPolicyFilterRuleCollectionArgs:
    return network.FirewallPolicyFilterRuleCollectionArgs(
        name=name,
        rule_collection_type="FirewallPolicyFilterRuleCollection",
        priority=priority,
        action=network.FirewallPolicyFilterRuleCollectionActionArgs(type="Allow"),
        rules=rules,
    )


def _network_rule(rule: NetworkRule, sources: list[str]) -> network.NetworkRuleArgs:
    return network.NetworkRuleArgs(
        name=rule.name,
        rule_type="NetworkRule",
        ip_protocols=list(rule.protocols),
        source_addresses=sources,
        destination_addresses=list(rule.addresses) or None,
        destination_fqdns=list(rule.fqdns) or None,
        destination_ports=list(rule.ports),
    )


def _application_rule(rule: ApplicationRule, sources: list[str]) -> network.ApplicationRuleArgs:
    # Azure requires protocols for an FQDN tag, too (terraform-provider-azurerm#15760). What is
    # behind the tag uses both (aks/limit-egress-traffic).
    protocols = _PORTS if rule.fqdn_tags else (rule.protocol,)
    return network.ApplicationRuleArgs(
        name=rule.name,
        rule_type="ApplicationRule",
        source_addresses=sources,
        fqdn_tags=list(rule.fqdn_tags) or None,
        target_fqdns=list(rule.fqdns) or None,
        protocols=[
            network.FirewallPolicyRuleApplicationProtocolArgs(
                protocol_type=protocol, port=_PORTS[protocol]
            )
            for protocol in protocols
        ],
    )
