"""The sub-objects of an Application Gateway: its way to the ingress controller, or AGIC's start.

Sub-objects refer to each other by id, and the ids are made by string: the gateway does not exist
yet.
"""

from __future__ import annotations

from collections.abc import Sequence
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
CERTIFICATE = "listener"
"""Name of the listeners' certificate in the gateway."""

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
"""What AGIC writes in the gateway, as paths to ignore.

Source: every assignment to the gateway in Azure/application-gateway-kubernetes-ingress, pkg/appgw
(`c.appGw.… =`), and pkg/azure/tags. A later run sends what the state has of them, so the state has
to be fresh: `pulumi up --refresh`.
"""


class References:
    """Ids of a gateway's own sub-objects."""

    def __init__(
        self,
        azure_name: str,
        resource_group_name: pulumi.Input[str],
        any_id: pulumi.Input[str],
    ) -> None:
        """`any_id` is any resource's id in the same subscription."""
        subscription = pulumi.Output.from_input(any_id).apply(subscription_id)
        self._gateway = pulumi.Output.concat(
            "/subscriptions/",
            subscription,
            "/resourceGroups/",
            resource_group_name,
            "/providers/Microsoft.Network/applicationGateways/",
            azure_name,
        )

    def to(self, collection: str, name: str) -> network.SubResourceArgs:
        return network.SubResourceArgs(
            id=pulumi.Output.concat(self._gateway, "/", collection, "/", name)
        )


@dataclass(frozen=True)
class HostRoute:
    """One host's way from listener to controller. All names are unique in the gateway."""

    host: str
    key: str
    priority: int
    """Of the HTTPS rule; the redirecting rule has the next one."""

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


def routes(hosts: Sequence[str]) -> tuple[HostRoute, ...]:
    """A route for each host, in the order given; priorities are unique and leave gaps."""
    return tuple(
        HostRoute(host, of_host(host), _FIRST_PRIORITY + position * _PRIORITY_STEP)
        for position, host in enumerate(dict.fromkeys(hosts))
    )


def ingress_controller_config(
    ids: References, settings: GatewayWaf, hosts: Sequence[str], address: str
) -> dict[str, Any]:
    """For each host a listener, and its way on to the ingress controller's address."""
    found = routes(hosts)
    roots = [
        network.ApplicationGatewayTrustedRootCertificateArgs(name=_root(position), data=data)
        for position, data in enumerate(settings.backend_root_certificates, 1)
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
        "probes": [_probe(route, settings) for route in found],
        "backend_http_settings_collection": [_settings(route, ids, settings) for route in found],
        "http_listeners": [listener for route in found for listener in _listeners(route, ids)],
        "redirect_configurations": [_redirect(route, ids) for route in found],
        "request_routing_rules": [rule for route in found for rule in _rules(route, ids)],
    }


def agic_initial_config(ids: References) -> dict[str, Any]:
    """The least that Azure accepts; AGIC puts its own in place of it and the rest is ignored."""
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
                frontend_ip_configuration=ids.to("frontendIPConfigurations", FRONTEND),
                frontend_port=ids.to("frontendPorts", PLACEHOLDER),
            )
        ],
        "request_routing_rules": [
            network.ApplicationGatewayRequestRoutingRuleArgs(
                name=PLACEHOLDER,
                rule_type="Basic",
                priority=20000,
                http_listener=ids.to("httpListeners", PLACEHOLDER),
                backend_address_pool=ids.to("backendAddressPools", PLACEHOLDER),
                backend_http_settings=ids.to("backendHttpSettingsCollection", PLACEHOLDER),
            )
        ],
        # Named although empty, so that a refresh finds what AGIC puts there.
        "probes": [],
        "redirect_configurations": [],
        "rewrite_rule_sets": [],
        "url_path_maps": [],
    }


def _root(position: int) -> str:
    return f"root-{position}"


def _probe(route: HostRoute, settings: GatewayWaf) -> network.ApplicationGatewayProbeArgs:
    """Any answer of the controller under the host's name shows that it is there."""
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
    route: HostRoute, ids: References, settings: GatewayWaf
) -> network.ApplicationGatewayBackendHttpSettingsArgs:
    """TLS all the way, unless it is switched off.

    The controller then shows a certificate for the host, issued by a well-known authority or by
    one of those that the settings name.
    """
    https = settings.backend_protocol == "Https"
    roots = range(1, len(settings.backend_root_certificates) + 1)
    return network.ApplicationGatewayBackendHttpSettingsArgs(
        name=route.settings,
        port=443 if https else 80,
        protocol=settings.backend_protocol,
        host_name=route.host,
        pick_host_name_from_backend_address=False,
        cookie_based_affinity="Disabled",
        request_timeout=30,
        probe=ids.to("probes", route.probe),
        trusted_root_certificates=[ids.to("trustedRootCertificates", _root(n)) for n in roots]
        or None,
    )


def _listeners(
    route: HostRoute, ids: References
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
    route: HostRoute, ids: References
) -> network.ApplicationGatewayRedirectConfigurationArgs:
    return network.ApplicationGatewayRedirectConfigurationArgs(
        name=route.redirect,
        redirect_type="Permanent",
        include_path=True,
        include_query_string=True,
        target_listener=ids.to("httpListeners", route.listener),
    )


def _rules(
    route: HostRoute, ids: References
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
