"""How many items the lists of a resource can have: a table of Microsoft's limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from simulator.azure.model import Request
from simulator.azure.namespaces.network import inline
from simulator.azure.namespaces.network.security_rules import GROUP, RULE
from simulator.azure.namespaces.network.tokens import APPLICATION_GATEWAY as _GATEWAY
from simulator.azure.namespaces.network.tokens import FIREWALL
from simulator.azure.namespaces.network.tokens import GATEWAY as _VPN_GATEWAY
from simulator.azure.rules import Refusal, Rule, register, rule
from support.nested import at, is_list, is_mapping, items, values_at

_POLICY = "network:WebApplicationFirewallPolicy"
_PAGE = "Microsoft Learn: azure-resource-manager/management/azure-subscription-service-limits"
_GATEWAYS = f"{_PAGE}#application-gateway-limits"
_NETWORKING = f"{_PAGE}#networking-limits"
_PRIVATE_LINK = f"{_PAGE}#private-link-limits"
_VPN = f"{_PAGE}#vpn-gateway-limits"
_CLIENTS = "vpnClientConfiguration"
_HOSTS = "Microsoft Learn: azure/application-gateway/multiple-site-overview"

# (type, property with list items as [], maximum, source)
LIMITS: tuple[tuple[str, str, int, str], ...] = (
    (_GATEWAY, "frontendIPConfigurations", 4, _GATEWAYS),
    (_GATEWAY, "frontendPorts", 100, _GATEWAYS),
    (_GATEWAY, "backendAddressPools", 100, _GATEWAYS),
    (_GATEWAY, "backendAddressPools[].backendAddresses", 1200, _GATEWAYS),
    (_GATEWAY, "backendHttpSettingsCollection", 100, _GATEWAYS),
    (_GATEWAY, "httpListeners", 200, _GATEWAYS),
    (_GATEWAY, "httpListeners[].hostNames", 5, _HOSTS),
    (_GATEWAY, "requestRoutingRules", 400, _GATEWAYS),
    (_GATEWAY, "redirectConfigurations", 100, _GATEWAYS),
    (_GATEWAY, "rewriteRuleSets", 400, _GATEWAYS),
    (_GATEWAY, "sslCertificates", 100, _GATEWAYS),
    (_GATEWAY, "trustedRootCertificates", 100, _GATEWAYS),
    (_GATEWAY, "trustedClientCertificates", 200, _GATEWAYS),
    (_GATEWAY, "urlPathMaps[].pathRules", 100, _GATEWAYS),
    (_POLICY, "customRules", 100, _GATEWAYS),
    (_POLICY, "managedRules.exclusions", 200, _GATEWAYS),
    (GROUP, "securityRules", 1000, _NETWORKING),
    (GROUP, "securityRules[].sourceApplicationSecurityGroups", 10, _NETWORKING),
    (GROUP, "securityRules[].destinationApplicationSecurityGroups", 10, _NETWORKING),
    ("network:VirtualNetwork", "dhcpOptions.dnsServers", 20, _NETWORKING),
    ("network:VirtualNetwork", "subnets", 3000, _NETWORKING),
    ("network:VirtualNetwork", "virtualNetworkPeerings", 650, _NETWORKING),
    ("network:RouteTable", "routes", 1000, _NETWORKING),
    ("network:NetworkInterface", "ipConfigurations", 256, _NETWORKING),
    ("network:PrivateDnsZoneGroup", "privateDnsZoneConfigs", 5, _PRIVATE_LINK),
    (FIREWALL, "ipConfigurations", 250, f"{_PAGE}#azure-firewall-limits"),
    ("network:LocalNetworkGateway", "localNetworkAddressSpace.addressPrefixes", 1000, _VPN),
    (_VPN_GATEWAY, "natRules", 100, "Microsoft Learn: azure/vpn-gateway/nat-overview"),
    (_VPN_GATEWAY, f"{_CLIENTS}.vpnClientRootCertificates", 20, _NETWORKING),
    (_VPN_GATEWAY, f"{_CLIENTS}.vpnClientRevokedCertificates", 300, _NETWORKING),
)
_MOST_ACTIVE_LISTENERS = 100
_MOST_ADDRESSES = 600
_MOST_STRINGS = 10
_MOST_ADDRESSES_OF_A_GROUP = 4000


def _is_too_long(request: Request, path: str, most: int) -> Refusal | None:
    for _, value in values_at(request.inputs, path):
        if is_list(value) and len(value) > most:
            return Refusal(f"{path} can have at most {most} items, not {len(value)}.", path)
    return None


def rule_name(token: str, path: str) -> str:
    """The name of the rule for a row."""
    return f"{token.split(':')[1]}.{path}_is_not_too_long"


for _token, _path, _most, _source in LIMITS:
    _check = partial(_is_too_long, path=_path, most=_most)
    _name = rule_name(_token, _path)
    register(Rule(_name, "BadRequest", 400, _source, "network.limits", (_token,), "put", _check))


@rule("BadRequest", _GATEWAY, source=_GATEWAYS)
def at_most_100_listeners_are_active(request: Request) -> Refusal | None:
    """A listener is active if its rule sends requests to a backend; one that redirects is not."""
    active = sum(_is_active(request, item) for item in items(request.inputs, "requestRoutingRules"))
    if active <= _MOST_ACTIVE_LISTENERS:
        return None
    text = f"At most {_MOST_ACTIVE_LISTENERS} listeners can be active, not {active}."
    return Refusal(text, "httpListeners")


def _is_active(request: Request, routing: Any) -> bool:
    if at(routing, "backendAddressPool", "id"):
        return True
    wanted = str(at(routing, "urlPathMap", "id")).lower().rpartition("/")[2]
    for item in items(request.inputs, "urlPathMaps"):
        if str(item.get("name")).lower() == wanted:
            targets = [at(part, "backendAddressPool", "id") for part in items(item, "pathRules")]
            return any([at(item, "defaultBackendAddressPool", "id"), *targets])
    return False


@rule("BadRequest", _POLICY, source=_GATEWAYS)
def a_condition_has_few_enough_values(request: Request) -> Refusal | None:
    """A match condition compares with at most 10 strings, or 600 addresses and ranges."""
    for custom in items(request.inputs, "customRules"):
        for condition in items(custom, "matchConditions"):
            addresses = str(condition.get("operator")).lower() == "ipmatch"
            most = _MOST_ADDRESSES if addresses else _MOST_STRINGS
            count = len(items(condition, "matchValues"))
            if count > most:
                text = f"Rule {custom.get('name')}: {count} match values are more than {most}."
                return Refusal(text, "customRules")
    return None


@rule("BadRequest", GROUP, RULE, source=_NETWORKING)
def a_group_has_few_enough_addresses(request: Request) -> Refusal | None:
    """The rules of a group have at most 4,000 sources and 4,000 destinations together."""
    rules = inline.children(request, "securityRules", RULE)
    for side in ("source", "destination"):
        count = sum(len(list(_addresses(item, side))) for item in rules)
        if count > _MOST_ADDRESSES_OF_A_GROUP:
            text = (
                f"A network security group can have at most {_MOST_ADDRESSES_OF_A_GROUP} {side}"
                f" addresses and ranges, not {count}."
            )
            return Refusal(text, f"{side}AddressPrefixes")
    return None


def _addresses(item: Mapping[str, Any], side: str) -> Iterator[str]:
    """Addresses and ranges, which begin with a digit, other than service tags; `*` is none."""
    single = item.get(f"{side}AddressPrefix")
    for text in [*([single] if single else []), *items(item, f"{side}AddressPrefixes")]:
        if ":" in str(text) or str(text)[:1].isdigit():
            yield str(text)


@rule("BadRequest", _GATEWAY, source=_HOSTS)
def a_listener_has_one_host_name_or_a_list(request: Request) -> Refusal | None:
    """A listener has either `hostName`, without wildcards, or `hostNames`."""
    for item in items(request.inputs, "httpListeners"):
        single, several = item.get("hostName"), items(item, "hostNames")
        if single and several:
            text = f"Listener {item.get('name')} has both hostName and hostNames."
            return Refusal(text, "httpListeners")
        if single and set("*?") & set(str(single)):
            text = f"Listener {item.get('name')}: {single} has a wildcard; use hostNames."
            return Refusal(text, "httpListeners")
    return None


@rule("BadRequest", _GATEWAY, source=_HOSTS)
def a_redirect_leads_to_a_listener_of_one_host(request: Request) -> Refusal | None:
    """A redirect cannot lead to a listener with several host names or a wildcard."""
    listeners = {
        str(item.get("name")).lower(): [str(host) for host in items(item, "hostNames")]
        for item in items(request.inputs, "httpListeners")
        if is_mapping(item)
    }
    for item in items(request.inputs, "redirectConfigurations"):
        target = str(at(item, "targetListener", "id")).lower().rpartition("/")[2]
        hosts = listeners.get(target, [])
        if len(hosts) > 1 or any(set("*?") & set(host) for host in hosts):
            text = (
                f"Redirect {item.get('name')} cannot lead to the listener {target}, which has"
                " several host names or a wildcard."
            )
            return Refusal(text, "redirectConfigurations")
    return None


TYPES = ()
