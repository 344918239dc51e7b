"""The configuration of an Application Gateway: listeners, rules, backends, probes. Pure.

The gateway either forwards to the ingress controller's address, or starts with a minimal
configuration that AGIC replaces. The parts refer to each other by id. Their ids are computed from
names, because the gateway does not exist yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_azure_native import network

from components.azure.naming import of_host
from components.azure.resource_ids import subscription_id
from components.settings.waf import GatewayWaf

FRONTEND = "public"
HTTP, HTTPS = "http", "https"
POOL = "ingress-controller"
REWRITES = "client-address"
CERTIFICATE = "listener"
"""Name, in the gateway, of the certificate of all hosts without their own."""

PLACEHOLDER = "placeholder"

_FIRST_PRIORITY = 100
_PRIORITY_STEP = 10

AGIC_MANAGED_PROPERTIES = (
    "backendAddressPools",
    "backendHttpSettingsCollection",
    "frontendPorts",
    "httpListeners",
    "probes",
    "redirectConfigurations",
    "requestRoutingRules",
    "rewriteRuleSets",
    "sslCertificates",
    "urlPathMaps",
    'tags["managed-by-k8s-ingress"]',
    'tags["ingress-for-aks-cluster-id"]',
    'tags["last-updated-by-k8s-ingress"]',
)
"""The properties of the gateway that AGIC writes, as paths to ignore.

Source: every assignment to the gateway in Azure/application-gateway-kubernetes-ingress, pkg/appgw
(`c.appGw.… =`), and pkg/azure/tags. A later run sends the values that the state has for them, so
the state must be current: run `pulumi up --refresh`.
"""


class PartIds:
    """The ids of the parts of a gateway."""

    def __init__(
        self,
        azure_name: str,
        resource_group_name: pulumi.Input[str],
        any_id: pulumi.Input[str],
    ) -> None:
        """`any_id` is the id of any resource in the same subscription."""
        subscription = pulumi.Output.from_input(any_id).apply(subscription_id)
        self._gateway = pulumi.Output.concat(
            "/subscriptions/",
            subscription,
            "/resourceGroups/",
            resource_group_name,
            "/providers/Microsoft.Network/applicationGateways/",
            azure_name,
        )

    def reference(self, collection: str, name: str) -> network.SubResourceArgs:
        """A reference to a part, such as a listener in `httpListeners`."""
        return network.SubResourceArgs(
            id=pulumi.Output.concat(self._gateway, "/", collection, "/", name)
        )


@dataclass(frozen=True)
class GatewayHost:
    """A host that the gateway serves."""

    name: str
    certificate: str = CERTIFICATE
    """The name of its listener's certificate in the gateway."""
    roots: tuple[str, ...] = ()
    """The authorities that the gateway trusts at the controller for this host, in base64, besides
    the well-known ones and those of the settings."""


@dataclass(frozen=True)
class HostRoute:
    """The names of the parts of one host's route. All names are unique in the gateway."""

    host: str
    certificate: str
    roots: tuple[str, ...]
    key: str
    priority: int
    """Priority of the HTTPS rule; the redirecting rule has the next one."""

    @property
    def listener(self) -> str:
        return f"{self.key}-https"

    @property
    def http_listener(self) -> str:
        return f"{self.key}-http"

    @property
    def rule(self) -> str:
        return f"{self.key}-https"

    @property
    def http_rule(self) -> str:
        return f"{self.key}-http"

    @property
    def redirect(self) -> str:
        return f"{self.key}-to-https"

    @property
    def settings(self) -> str:
        return f"{self.key}-controller"

    @property
    def probe(self) -> str:
        return f"{self.key}-controller"


def routes(hosts: Sequence[GatewayHost]) -> tuple[HostRoute, ...]:
    """A route for each host, in the given order; priorities are unique and have gaps."""
    by_name = {host.name: host for host in reversed(hosts)}
    return tuple(
        HostRoute(
            name,
            by_name[name].certificate,
            by_name[name].roots,
            of_host(name),
            _FIRST_PRIORITY + position * _PRIORITY_STEP,
        )
        for position, name in enumerate(dict.fromkeys(host.name for host in hosts))
    )


def ingress_controller_config(
    ids: PartIds,
    settings: GatewayWaf,
    hosts: Sequence[GatewayHost],
    address: str,
    site_policies: Mapping[str, pulumi.Input[str]],
) -> dict[str, Any]:
    """The configuration that forwards each host to the ingress controller, as keyword arguments.

    `address` is the private address of the ingress controller's load balancer. Each host has an
    HTTPS listener, and an HTTP listener that redirects to it. `site_policies` are the WAF policies
    of hosts that have another one than the gateway's.
    """
    host_routes = routes(hosts)
    root_names = _root_names(settings, host_routes)
    roots = [
        network.ApplicationGatewayTrustedRootCertificateArgs(name=name, data=data)
        for data, name in root_names.items()
    ]
    return {
        "frontend_ports": [
            network.ApplicationGatewayFrontendPortArgs(name=HTTP, port=80),
            network.ApplicationGatewayFrontendPortArgs(name=HTTPS, port=443),
        ],
        "backend_address_pools": [
            network.ApplicationGatewayBackendAddressPoolArgs(
                name=POOL,
                backend_addresses=[
                    network.ApplicationGatewayBackendAddressArgs(ip_address=address)
                ],
            )
        ],
        "trusted_root_certificates": roots or None,
        "probes": [_probe(route, settings) for route in host_routes],
        "backend_http_settings_collection": [
            _settings(route, ids, settings, root_names) for route in host_routes
        ],
        "http_listeners": [
            listener
            for route in host_routes
            for listener in _listeners(route, ids, site_policies.get(route.host))
        ],
        "redirect_configurations": [_redirect(route, ids) for route in host_routes],
        "rewrite_rule_sets": [_client_address()],
        "request_routing_rules": [rule for route in host_routes for rule in _rules(route, ids)],
    }


def agic_initial_config(ids: PartIds) -> dict[str, Any]:
    """The smallest configuration that Azure accepts, as keyword arguments. AGIC replaces it."""
    return {
        "frontend_ports": [network.ApplicationGatewayFrontendPortArgs(name=PLACEHOLDER, port=80)],
        "backend_address_pools": [
            network.ApplicationGatewayBackendAddressPoolArgs(name=PLACEHOLDER)
        ],
        "backend_http_settings_collection": [
            network.ApplicationGatewayBackendHttpSettingsArgs(
                name=PLACEHOLDER,
                port=80,
                protocol="Http",
                cookie_based_affinity="Disabled",
                request_timeout=30,
            )
        ],
        "http_listeners": [
            network.ApplicationGatewayHttpListenerArgs(
                name=PLACEHOLDER,
                protocol="Http",
                frontend_ip_configuration=ids.reference("frontendIPConfigurations", FRONTEND),
                frontend_port=ids.reference("frontendPorts", PLACEHOLDER),
            )
        ],
        "request_routing_rules": [
            network.ApplicationGatewayRequestRoutingRuleArgs(
                name=PLACEHOLDER,
                rule_type="Basic",
                priority=20000,
                http_listener=ids.reference("httpListeners", PLACEHOLDER),
                backend_address_pool=ids.reference("backendAddressPools", PLACEHOLDER),
                backend_http_settings=ids.reference("backendHttpSettingsCollection", PLACEHOLDER),
            )
        ],
        # Empty but present, so that a refresh reads what AGIC writes there.
        "probes": [],
        "redirect_configurations": [],
        "rewrite_rule_sets": [],
        "url_path_maps": [],
    }


def _root_names(settings: GatewayWaf, host_routes: Sequence[HostRoute]) -> dict[str, str]:
    """The names of the trusted authorities in the gateway, by their certificates."""
    if settings.backend_protocol != "Https":
        return {}
    of_hosts = (root for route in host_routes for root in route.roots)
    certificates = dict.fromkeys((*settings.backend_root_certificates, *of_hosts))
    return {data: f"root-{position}" for position, data in enumerate(certificates, 1)}


def _probe(route: HostRoute, settings: GatewayWaf) -> network.ApplicationGatewayProbeArgs:
    """A health probe with the host's name: any answer of the controller below 500 is healthy."""
    return network.ApplicationGatewayProbeArgs(
        name=route.probe,
        protocol=settings.backend_protocol,
        host=route.host,
        path="/",
        interval=30,
        timeout=30,
        unhealthy_threshold=3,
        pick_host_name_from_backend_http_settings=False,
        match=network.ApplicationGatewayProbeHealthResponseMatchArgs(status_codes=["200-499"]),
    )


def _settings(
    route: HostRoute, ids: PartIds, settings: GatewayWaf, root_names: Mapping[str, str]
) -> network.ApplicationGatewayBackendHttpSettingsArgs:
    """The backend settings of a host: end-to-end TLS, unless the settings say HTTP.

    With TLS the controller must have a certificate for the host, from a well-known authority or
    from one that the host's settings name. With any named, the well-known ones no longer count, so
    that each host names only what its own certificate needs.
    """
    https = settings.backend_protocol == "Https"
    roots = [*settings.backend_root_certificates, *route.roots] if https else []
    return network.ApplicationGatewayBackendHttpSettingsArgs(
        name=route.settings,
        port=443 if https else 80,
        protocol=settings.backend_protocol,
        host_name=route.host,
        pick_host_name_from_backend_address=False,
        cookie_based_affinity="Disabled",
        request_timeout=30,
        probe=ids.reference("probes", route.probe),
        trusted_root_certificates=[
            ids.reference("trustedRootCertificates", root_names[root])
            for root in dict.fromkeys(roots)
        ]
        or None,
    )


def _listeners(
    route: HostRoute, ids: PartIds, policy_id: pulumi.Input[str] | None
) -> list[network.ApplicationGatewayHttpListenerArgs]:
    policy = network.SubResourceArgs(id=policy_id) if policy_id is not None else None
    frontend = ids.reference("frontendIPConfigurations", FRONTEND)
    return [
        network.ApplicationGatewayHttpListenerArgs(
            name=route.listener,
            protocol="Https",
            host_name=route.host,
            require_server_name_indication=True,
            frontend_ip_configuration=frontend,
            frontend_port=ids.reference("frontendPorts", HTTPS),
            ssl_certificate=ids.reference("sslCertificates", route.certificate),
            firewall_policy=policy,
        ),
        network.ApplicationGatewayHttpListenerArgs(
            name=route.http_listener,
            protocol="Http",
            host_name=route.host,
            frontend_ip_configuration=frontend,
            frontend_port=ids.reference("frontendPorts", HTTP),
            firewall_policy=policy,
        ),
    ]


def _redirect(
    route: HostRoute, ids: PartIds
) -> network.ApplicationGatewayRedirectConfigurationArgs:
    return network.ApplicationGatewayRedirectConfigurationArgs(
        name=route.redirect,
        redirect_type="Permanent",
        include_path=True,
        include_query_string=True,
        target_listener=ids.reference("httpListeners", route.listener),
    )


def _client_address() -> network.ApplicationGatewayRewriteRuleSetArgs:
    """Takes the client's port out of X-Forwarded-For, which Azure appends to its address.

    Controllers refuse an address with a port there (application-gateway/rewrite-http-headers-url,
    "Remove port information from the X-Forwarded-For header"; envoyproxy/envoy#25517).
    """
    header = network.ApplicationGatewayHeaderConfigurationArgs(
        header_name="X-Forwarded-For", header_value="{var_add_x_forwarded_for_proxy}"
    )
    return network.ApplicationGatewayRewriteRuleSetArgs(
        name=REWRITES,
        rewrite_rules=[
            network.ApplicationGatewayRewriteRuleArgs(
                name="without-port",
                rule_sequence=100,
                action_set=network.ApplicationGatewayRewriteRuleActionSetArgs(
                    request_header_configurations=[header]
                ),
            )
        ],
    )


def _rules(
    route: HostRoute, ids: PartIds
) -> list[network.ApplicationGatewayRequestRoutingRuleArgs]:
    return [
        network.ApplicationGatewayRequestRoutingRuleArgs(
            name=route.rule,
            rule_type="Basic",
            priority=route.priority,
            http_listener=ids.reference("httpListeners", route.listener),
            backend_address_pool=ids.reference("backendAddressPools", POOL),
            backend_http_settings=ids.reference("backendHttpSettingsCollection", route.settings),
            rewrite_rule_set=ids.reference("rewriteRuleSets", REWRITES),
        ),
        network.ApplicationGatewayRequestRoutingRuleArgs(
            name=route.http_rule,
            rule_type="Basic",
            priority=route.priority + 1,
            http_listener=ids.reference("httpListeners", route.http_listener),
            redirect_configuration=ids.reference("redirectConfigurations", route.redirect),
        ),
    ]
