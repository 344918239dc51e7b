"""The web application firewall: an Application Gateway WAF_v2 before the ingress controller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import dns, keyvault, managedidentity, network

from components import virtual_network
from components.access import grant
from components.common import LONG, CommonArgs, reference, without_version_aliases
from components.gateway_routes import HostRoute, routes
from components.roles import Role
from components.settings.ingress import GatewayWaf

FRONTEND = "public"
HTTP, HTTPS = "http", "https"
POOL = "ingress-controller"
CERTIFICATE = "listener"
TLS_POLICY = "AppGwSslPolicy20220101S"
"""TLS 1.2 and 1.3 with strong ciphers only, the strictest of Azure's predefined policies."""


@dataclass(frozen=True)
class VaultArgs:
    """The key vault that holds the listener's certificate."""

    id: pulumi.Input[str]
    name: pulumi.Input[str]
    uri: pulumi.Input[str]


@dataclass(frozen=True)
class PublicRecord:
    """A name in a public zone that leads to the gateway."""

    zone: str
    zone_name: pulumi.Input[str]
    relative_name: str
    """`@` for the zone itself."""


@dataclass(frozen=True)
class WebApplicationFirewallArgs:
    """What the firewall consists of."""

    common: CommonArgs
    resource_group_name: pulumi.Input[str]
    settings: GatewayWaf
    subnet_id: pulumi.Input[str]
    hosts: Sequence[str]
    """The applications' host names, each with a listener of its own."""
    controller_address: str
    """The internal ingress controller's address."""
    vault: VaultArgs
    records: Sequence[PublicRecord]
    zone_group_name: pulumi.Input[str]
    """Resource group of the public zones."""


class WebApplicationFirewall(pulumi.ComponentResource):
    """Public address, WAF policy, gateway, its certificate and the identity that reads it."""

    address: pulumi.Output[str]
    """The public address that clients come to."""
    gateway_id: pulumi.Output[str]
    """The gateway's resource id."""
    certificate_secret_id: pulumi.Output[str]
    """Key Vault id of the listener's certificate, without a version, so that rotation is seen."""

    def __init__(
        self,
        name: str,
        args: WebApplicationFirewallArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "aks-network:index:WebApplicationFirewall", name, None, without_version_aliases(opts)
        )
        self._name = name
        self._args = args
        address = virtual_network.public_ip(
            f"{name}-ip",
            common=args.common,
            azure_name=args.common.names.of("pip", "waf"),
            resource_group_name=args.resource_group_name,
            zones=args.settings.zones,
            parent=self,
        )
        policy = self._policy()
        identity = managedidentity.UserAssignedIdentity(
            f"{name}-id",
            resource_name_=args.common.names.of("id", "waf"),
            resource_group_name=args.resource_group_name,
            location=args.common.location,
            tags=args.common.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        reads_vault = grant(
            f"{name}-vault",
            names=args.common.names,
            role=Role.KEY_VAULT_SECRETS_USER,
            scope=args.vault.id,
            principal_id=identity.principal_id,
            parent=self,
        )
        self.certificate_secret_id, certificate = self._certificate()
        gateway = self._gateway(address.id, policy.id, identity.id, [reads_vault, *certificate])
        self.gateway_id = gateway.id
        self.address = address.ip_address.apply(lambda text: text or "")
        self._records(address.id)
        self.register_outputs({"address": self.address})

    def _policy(self) -> network.WebApplicationFirewallPolicy:
        args = self._args
        kind, version = args.settings.rule_set.split(" ")
        return network.WebApplicationFirewallPolicy(
            f"{self._name}-policy",
            policy_name=args.common.names.of("waf"),
            resource_group_name=args.resource_group_name,
            location=args.common.location,
            policy_settings=network.PolicySettingsArgs(
                state="Enabled",
                mode=args.settings.mode,
                request_body_check=True,
                request_body_enforcement=True,
                max_request_body_size_in_kb=128,
                request_body_inspect_limit_in_kb=128,
                file_upload_enforcement=True,
                file_upload_limit_in_mb=100,
            ),
            managed_rules=network.ManagedRulesDefinitionArgs(
                managed_rule_sets=[
                    network.ManagedRuleSetArgs(rule_set_type=kind, rule_set_version=version),
                    network.ManagedRuleSetArgs(
                        rule_set_type="Microsoft_BotManagerRuleSet",
                        rule_set_version=args.settings.bot_manager,
                    ),
                ]
            ),
            tags=args.common.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _certificate(self) -> tuple[pulumi.Output[str], list[pulumi.Resource]]:
        """The secret that the gateway reads: one that exists, or the PFX put into the vault."""
        certificate = self._args.settings.certificate
        if certificate.secret_id is not None or certificate.pfx is None:
            return pulumi.Output.from_input(certificate.secret_id or ""), []
        secret = keyvault.Secret(
            f"{self._name}-certificate",
            secret_name="ingress-tls",  # noqa: S106 - a name, not a secret
            vault_name=self._args.vault.name,
            resource_group_name=self._args.resource_group_name,
            properties=keyvault.SecretPropertiesArgs(
                content_type="application/x-pkcs12",
                value=pulumi.Output.secret(certificate.pfx.get_secret_value()),
            ),
            tags=self._args.common.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return pulumi.Output.concat(self._args.vault.uri, "secrets/", secret.name), [secret]

    def _gateway(
        self,
        address_id: pulumi.Output[str],
        policy_id: pulumi.Output[str],
        identity_id: pulumi.Output[str],
        before: Sequence[pulumi.Resource],
    ) -> network.ApplicationGateway:
        args = self._args
        settings = args.settings
        azure_name = args.common.names.of("agw")
        ids = _References(args, azure_name, args.subnet_id)
        hosts = routes(args.hosts)
        return network.ApplicationGateway(
            f"{self._name}-agw",
            application_gateway_name=azure_name,
            resource_group_name=args.resource_group_name,
            location=args.common.location,
            sku=network.ApplicationGatewaySkuArgs(name="WAF_v2", tier="WAF_v2"),
            autoscale_configuration=network.ApplicationGatewayAutoscaleConfigurationArgs(
                min_capacity=settings.min_capacity, max_capacity=settings.max_capacity
            ),
            zones=list(settings.zones) or None,
            enable_http2=True,
            firewall_policy=reference(policy_id),
            identity=network.ManagedServiceIdentityArgs(
                type=network.ResourceIdentityType.USER_ASSIGNED,
                user_assigned_identities=[identity_id],
            ),
            ssl_policy=network.ApplicationGatewaySslPolicyArgs(
                policy_type="Predefined", policy_name=TLS_POLICY
            ),
            gateway_ip_configurations=[
                network.ApplicationGatewayIPConfigurationArgs(
                    name="gateway", subnet=network.SubResourceArgs(id=args.subnet_id)
                )
            ],
            frontend_ip_configurations=[
                network.ApplicationGatewayFrontendIPConfigurationArgs(
                    name=FRONTEND, public_ip_address=network.SubResourceArgs(id=address_id)
                )
            ],
            frontend_ports=[
                network.ApplicationGatewayFrontendPortArgs(name=HTTP, port=80),
                network.ApplicationGatewayFrontendPortArgs(name=HTTPS, port=443),
            ],
            ssl_certificates=[
                network.ApplicationGatewaySslCertificateArgs(
                    name=CERTIFICATE, key_vault_secret_id=self.certificate_secret_id
                )
            ],
            backend_address_pools=[
                network.ApplicationGatewayBackendAddressPoolArgs(
                    name=POOL,
                    backend_addresses=[
                        network.ApplicationGatewayBackendAddressArgs(
                            ip_address=args.controller_address
                        )
                    ],
                )
            ],
            probes=[_probe(route) for route in hosts],
            backend_http_settings_collection=[_settings(route, ids) for route in hosts],
            http_listeners=[listener for route in hosts for listener in _listeners(route, ids)],
            redirect_configurations=[_redirect(route, ids) for route in hosts],
            request_routing_rules=[rule for route in hosts for rule in _rules(route, ids)],
            tags=args.common.tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=args.common.protect,
                depends_on=list(before),
                custom_timeouts=LONG,
            ),
        )

    def _records(self, address_id: pulumi.Output[str]) -> None:
        for record in self._args.records:
            dns.RecordSet(
                f"{self._name}-record-{record.relative_name}-{record.zone}".replace("@", "apex"),
                relative_record_set_name=record.relative_name,
                zone_name=record.zone_name,
                record_type="A",
                resource_group_name=self._args.zone_group_name,
                # An alias: it follows the address, and Azure refuses to delete one under it.
                target_resource=reference(address_id),
                ttl=3600,
                opts=pulumi.ResourceOptions(parent=self),
            )


def public_records(
    hosts: Sequence[str], zones: Mapping[str, pulumi.Input[str]]
) -> list[PublicRecord]:
    """A record for each host that lies in one of the public zones, in the closest one.

    `zones` are the zones' names by name, as what the record is to wait for.
    """
    records: list[PublicRecord] = []
    for host in hosts:
        around = [zone for zone in zones if host == zone or host.endswith(f".{zone}")]
        if around:
            zone = max(around, key=len)
            relative = host.removesuffix(zone).removesuffix(".") or "@"
            records.append(PublicRecord(zone, zones[zone], relative))
    return records


class _References:
    """Ids of the gateway's own sub-objects, made by string: the gateway does not exist yet."""

    def __init__(
        self, args: WebApplicationFirewallArgs, azure_name: str, any_id: pulumi.Input[str]
    ) -> None:
        subscription = pulumi.Output.from_input(any_id).apply(lambda id_: id_.split("/")[2])
        self._gateway = pulumi.Output.concat(
            "/subscriptions/",
            subscription,
            "/resourceGroups/",
            args.resource_group_name,
            "/providers/Microsoft.Network/applicationGateways/",
            azure_name,
        )

    def to(self, collection: str, name: str) -> network.SubResourceArgs:
        return network.SubResourceArgs(
            id=pulumi.Output.concat(self._gateway, "/", collection, "/", name)
        )


def _probe(route: HostRoute) -> network.ApplicationGatewayProbeArgs:
    """Any answer of the controller under the host's name shows that it is there."""
    return network.ApplicationGatewayProbeArgs(
        name=route.probe,
        protocol="Https",
        host=route.host,
        path="/",
        interval=30,
        timeout=30,
        unhealthy_threshold=3,
        pick_host_name_from_backend_http_settings=False,
        match=network.ApplicationGatewayProbeHealthResponseMatchArgs(status_codes=["200-499"]),
    )


def _settings(
    route: HostRoute, ids: _References
) -> network.ApplicationGatewayBackendHttpSettingsArgs:
    """TLS all the way: the controller shows a certificate for the host, issued by a known CA."""
    return network.ApplicationGatewayBackendHttpSettingsArgs(
        name=route.settings,
        port=443,
        protocol="Https",
        host_name=route.host,
        pick_host_name_from_backend_address=False,
        cookie_based_affinity="Disabled",
        request_timeout=30,
        probe=ids.to("probes", route.probe),
    )


def _listeners(
    route: HostRoute, ids: _References
) -> list[network.ApplicationGatewayHttpListenerArgs]:
    frontend = ids.to("frontendIPConfigurations", FRONTEND)
    return [
        network.ApplicationGatewayHttpListenerArgs(
            name=route.listener,
            protocol="Https",
            host_name=route.host,
            require_server_name_indication=True,
            frontend_ip_configuration=frontend,
            frontend_port=ids.to("frontendPorts", HTTPS),
            ssl_certificate=ids.to("sslCertificates", CERTIFICATE),
        ),
        network.ApplicationGatewayHttpListenerArgs(
            name=route.http_listener,
            protocol="Http",
            host_name=route.host,
            frontend_ip_configuration=frontend,
            frontend_port=ids.to("frontendPorts", HTTP),
        ),
    ]


def _redirect(
    route: HostRoute, ids: _References
) -> network.ApplicationGatewayRedirectConfigurationArgs:
    return network.ApplicationGatewayRedirectConfigurationArgs(
        name=route.redirect,
        redirect_type="Permanent",
        include_path=True,
        include_query_string=True,
        target_listener=ids.to("httpListeners", route.listener),
    )


def _rules(
    route: HostRoute, ids: _References
) -> list[network.ApplicationGatewayRequestRoutingRuleArgs]:
    return [
        network.ApplicationGatewayRequestRoutingRuleArgs(
            name=route.rule,
            rule_type="Basic",
            priority=route.priority,
            http_listener=ids.to("httpListeners", route.listener),
            backend_address_pool=ids.to("backendAddressPools", POOL),
            backend_http_settings=ids.to("backendHttpSettingsCollection", route.settings),
        ),
        network.ApplicationGatewayRequestRoutingRuleArgs(
            name=route.http_rule,
            rule_type="Basic",
            priority=route.priority + 1,
            http_listener=ids.to("httpListeners", route.http_listener),
            redirect_configuration=ids.to("redirectConfigurations", route.redirect),
        ),
    ]
