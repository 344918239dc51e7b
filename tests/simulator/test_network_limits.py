"""How many items lists of network resources can have, and how many resources there can be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from simulator.azure import catalog
from simulator.azure.cloud import Cloud
from simulator.azure.model import Request
from simulator.azure.namespaces.counts import rule_name
from simulator.azure.namespaces.network import counts, limits
from simulator.azure.rules import RULES
from simulator.store import Resource
from tests.simulator.landscape import Waf, group, policy, rule

RANGES = [f"{a}.{b}.0.0/16" for a in range(20, 40) for b in range(256)]


@pytest.fixture
def waf(azure) -> Waf:
    return Waf(azure)


def listed(path: str, count: int) -> dict[str, Any]:
    """An object that has a list at a dotted path, `[]` being a list of one."""
    head, _, rest = path.partition(".")
    if not rest:
        return {head: [{}] * count}
    inner = listed(rest, count)
    return {head.removesuffix("[]"): [inner] if head.endswith("[]") else inner}


@pytest.mark.parametrize(("token", "path", "most"), [row[:3] for row in limits.LIMITS], ids=str)
def test_a_list_that_is_too_long_is_refused(token, path, most):
    def with_items(count: int) -> Request:
        return Request(Cloud(), catalog.by_token()[token], "/name", listed(path, count), None)

    (row,) = [row for row in RULES if row.name == limits.rule_name(token, path)]
    assert row.apply(with_items(most)) is None
    refusal = row.apply(with_items(most + 1))
    assert refusal is not None
    assert (row.code, refusal.target) == ("BadRequest", path)
    assert f"at most {most} items, not {most + 1}" in refusal.message


NETWORK = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks"
VAULT = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults"
REFERENCES: dict[tuple[str, str], Callable[[str], dict[str, Any]]] = {
    ("network:PrivateEndpoint", "virtual network"): lambda name: {
        "subnet": {"id": f"{NETWORK}/{name}/subnets/s"}
    },
    ("network:PrivateEndpoint", "key vault"): lambda name: {
        "privateLinkServiceConnections": [{"privateLinkServiceId": f"{VAULT}/{name}"}]
    },
    ("dnsresolver:DnsResolver", "virtual network"): lambda name: {
        "virtualNetwork": {"id": f"{NETWORK}/{name}"}
    },
}
"""By row of the table: what puts a resource into a scope of this name."""


def counted(cloud: Cloud, token: str, scope: str, number: int, where: str) -> Request:
    """A request for a resource in a scope."""
    kind = catalog.by_token()[token]
    inputs: dict[str, Any] = dict.fromkeys(kind.path_parameters, where)
    inputs |= {kind.name_parameter: f"n{number}", "location": where}
    inputs |= REFERENCES.get((token, scope), lambda _: {})(where)
    return Request(cloud, kind, cloud.id_of(token, inputs), inputs, None)


@pytest.mark.parametrize(("token", "scope"), list(counts.MOST), ids=str)
def test_a_scope_has_only_so_many_resources(monkeypatch, token, scope):
    monkeypatch.setitem(counts.MOST, (token, scope), 2)
    (row,) = [row for row in RULES if row.name == rule_name(token, scope)]
    cloud = Cloud()
    for number in (1, 2):
        request = counted(cloud, token, scope, number, "one")
        assert row.apply(request) is None
        cloud.store.put(Resource(request.id, token, dict(request.inputs), {}))
    assert row.apply(counted(cloud, token, scope, 2, "one")) is None, "an update adds nothing"
    assert row.apply(counted(cloud, token, scope, 3, "other")) is None
    refusal = row.apply(counted(cloud, token, scope, 3, "one"))
    assert refusal is not None
    assert f"A {scope} can have at most 2 resources" in refusal.message


def test_endpoints_of_other_services_do_not_count_at_a_vault():
    (row,) = [r for r in RULES if r.name == rule_name("network:PrivateEndpoint", "key vault")]
    connection = {"privateLinkServiceId": VAULT.replace("KeyVault/vaults", "Storage/accounts/s")}
    inputs = {"privateLinkServiceConnections": [connection]}
    kind = catalog.by_token()["network:PrivateEndpoint"]
    assert row.apply(Request(Cloud(), kind, "/name", inputs, None)) is None


def hosts(waf: Waf, count: int, redirected: int) -> dict[str, Any]:
    """Listeners that route requests, and more that redirect to them."""
    names = [f"l{number}" for number in range(count)]
    plain = [f"p{number}" for number in range(redirected)]
    ports = {"frontendPort": waf.to("frontendPorts", "p80")}
    redirects = [
        {
            "name": f"to-{n}",
            "redirectType": "Permanent",
            "targetListener": waf.to("httpListeners", n),
        }
        for n in names[:redirected]
    ]
    leads = [
        {
            "name": name,
            "ruleType": "Basic",
            "priority": 10_000 + number,
            "httpListener": waf.to("httpListeners", name),
            "redirectConfiguration": waf.to("redirectConfigurations", f"to-l{number}"),
        }
        for number, name in enumerate(plain)
    ]
    return {
        "frontendPorts": [{"name": "p443", "port": 443}, {"name": "p80", "port": 80}],
        "httpListeners": [
            *(waf.listener(name) for name in names),
            *(
                {**waf.listener(name, **ports), "protocol": "Http", "sslCertificate": None}
                for name in plain
            ),
        ],
        "redirectConfigurations": redirects,
        "requestRoutingRules": [
            *(waf.routing(n, n, priority=100 + number) for number, n in enumerate(names)),
            *leads,
        ],
    }


def test_a_hundred_listeners_route_requests_and_no_more(waf):
    assert waf.put(**hosts(waf, 100, 100))
    error = waf.refused(**hosts(waf, 101, 0))
    assert (error.code, error.target) == ("BadRequest", "httpListeners")
    assert "At most 100 listeners can be active, not 101" in error.message


@pytest.mark.parametrize("where", ["default", "rule"])
def test_a_listener_with_a_path_map_is_active_if_any_of_its_paths_is_routed(waf, where):
    backend = {"backendAddressPool": waf.to("backendAddressPools", "pool")}
    settings = {"backendHttpSettings": waf.to("backendHttpSettingsCollection", "s")}
    paths: dict[str, Any] = {
        "name": "map",
        "defaultRedirectConfiguration": waf.to("redirectConfigurations", "to-l0"),
        "pathRules": [{"name": "all", "paths": ["/*"], **backend, **settings}],
    }
    if where == "default":
        paths = {
            "name": "map",
            "defaultBackendAddressPool": backend["backendAddressPool"],
            "defaultBackendHttpSettings": settings["backendHttpSettings"],
            "pathRules": [],
        }
    given = hosts(waf, 100, 1)
    given["urlPathMaps"] = [paths]
    last = given["requestRoutingRules"][-1]
    last |= {"ruleType": "PathBasedRouting", "urlPathMap": waf.to("urlPathMaps", "map")}
    del last["redirectConfiguration"]
    assert "can be active, not 101" in waf.refused(**given).message
    given["urlPathMaps"] = [{"name": "map", "pathRules": []}]
    assert waf.put(**given)


def test_a_redirect_leads_to_a_listener_of_one_host(waf):
    for names in (["a.example.com", "b.example.com"], ["*.example.com"]):
        given = hosts(waf, 1, 1)
        given["httpListeners"][0] |= {"hostName": None, "hostNames": names}
        error = waf.refused(**given)
        assert (error.code, error.target) == ("BadRequest", "redirectConfigurations")
    given["httpListeners"][0]["hostNames"] = ["a.example.com"]
    assert waf.put(**given)


def test_a_listener_has_one_host_name_or_several(waf):
    both = waf.listener(hostNames=["a.example.com"])
    assert "both hostName and hostNames" in waf.refused(httpListeners=[both]).message
    wildcard = waf.listener(hostName="*.example.com")
    assert "use hostNames" in waf.refused(httpListeners=[wildcard]).message
    several = waf.listener(hostName=None, hostNames=["a.example.com", "*.b.example.com"])
    assert waf.put(httpListeners=[several])


def custom(operator: str, count: int) -> dict[str, Any]:
    condition = {
        "matchVariables": [{"variableName": "RemoteAddr"}],
        "operator": operator,
        "matchValues": RANGES[:count],
    }
    return {
        "name": "Mine",
        "ruleType": "MatchRule",
        "action": "Block",
        "priority": 1,
        "matchConditions": [condition],
    }


@pytest.mark.parametrize(("operator", "most"), [("IPMatch", 600), ("Contains", 10)])
def test_a_condition_compares_with_so_many_values(azure, operator, most):
    assert azure.put(**policy(customRules=[custom(operator, most)]))
    error = azure.refused(**policy(customRules=[custom(operator, most + 1)]))
    assert (error.code, error.target) == ("BadRequest", "customRules")
    assert f"{most + 1} match values are more than {most}" in error.message


@pytest.mark.parametrize("side", ["source", "destination"])
def test_a_group_takes_4000_addresses_a_side(azure, side):
    def with_addresses(name: str, priority: int, addresses: list[str]) -> dict[str, Any]:
        made = rule(name, priority, **{f"{side}AddressPrefixes": addresses})
        del made[f"{side}AddressPrefix"]
        return made

    first = with_addresses("a", 100, RANGES[:3000])
    assert group(azure, first, with_addresses("b", 110, RANGES[:1000]), rule("c", 120))
    inputs = {
        "token": "network:SecurityRule",
        "networkSecurityGroupName": "nsg",
        **with_addresses("d", 130, RANGES[:1]),
    }
    inputs["securityRuleName"] = inputs.pop("name")
    error = azure.refused(**inputs)
    assert (error.code, error.target) == ("BadRequest", f"{side}AddressPrefixes")
    assert f"at most 4000 {side} addresses" in error.message
