"""Azure Front Door in front: only one's own profile gets through, and names its clients."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from tests.components.ingress.recordings import (
    deployed,
    example,
    node_rules,
    objects,
    one,
    release,
    run,
)
from tests.helpers.mocks import Recording

PROFILE = "55CE4ED1-4b06-4bf1-b40e-4638452104da"
TAG = "AzureFrontDoor.Backend"
SNIPPET = "nginx.ingress.kubernetes.io/configuration-snippet"


def behind_gateway(name: str, **ingress: Any) -> Recording:
    """An example whose Application Gateway is an origin of Front Door."""
    config = example(name)
    config["aks-network:ingress"] |= ingress
    config["aks-network:ingress"]["waf"] = {
        **config["aks-network:ingress"]["waf"],
        "frontDoorId": PROFILE,
    }
    return run(name, config)


def behind_front_door(name: str, **ingress: Any) -> Recording:
    """An example whose controller is an origin of Front Door."""
    config = example(name)
    external = {"external": {"frontDoorId": PROFILE}}
    config["aks-network:ingress"] |= {"waf": external, "exposure": "external", **ingress}
    for application in config["aks-network:kubernetes"]["applications"]:
        application.setdefault("tls", {"secretName": "tls"})
    return run(name, config)


def gateway_rule(made: Recording, subnet: str = "applicationGateway") -> dict[str, Any]:
    group = made.one("network:NetworkSecurityGroup", f"network-{subnet}-nsg").inputs
    return next(one for one in group["securityRules"] if one["name"] == "AllowWebInbound")


@pytest.mark.parametrize(
    ("name", "subnet"),
    [
        ("traefik", "applicationGateway"),
        ("agic", "applicationGateway"),
        ("agc", "trafficController"),
    ],
)
def test_the_gateway_admits_front_door_and_blocks_other_profiles_first(name: str, subnet: str):
    made = behind_gateway(name)
    assert gateway_rule(made, subnet)["sourceAddressPrefix"] == TAG
    policy = made.one("network:WebApplicationFirewallPolicy").inputs
    rule = policy["customRules"][0]
    assert (rule["priority"], rule["action"], rule["ruleType"]) == (1, "Block", "MatchRule")
    (condition,) = rule["matchConditions"]
    assert condition["matchVariables"] == [
        {"variableName": "RequestHeaders", "selector": "X-Azure-FDID"}
    ]
    assert (condition["operator"], condition["negationConditon"]) == ("Equal", True)
    assert condition["matchValues"] == [PROFILE.lower()]


def test_without_front_door_the_gateway_admits_the_internet():
    assert gateway_rule(deployed("traefik"))["sourceAddressPrefix"] == "Internet"
    assert (
        "customRules" not in deployed("traefik").one("network:WebApplicationFirewallPolicy").inputs
    )


def test_the_policies_of_single_hosts_block_other_profiles_too():
    config = example("traefik")
    sites = [{"name": "shop", "hosts": "myapp.com", "customRules": []}]
    config["aks-network:ingress"]["waf"] |= {"frontDoorId": PROFILE, "sites": sites}
    made = run("traefik", config).of_type("network:WebApplicationFirewallPolicy")
    assert len(made) == 2
    assert [one.inputs["customRules"][0]["name"] for one in made] == ["OwnFrontDoorOnly"] * 2


def test_behind_front_door_and_the_gateway_controllers_look_one_proxy_further():
    config = release(behind_gateway("haproxy")).inputs["values"]["controller"]["config"]
    assert "hdr(X-Azure-SocketIP) if { src 10." in config["frontend-config-snippet"]
    ingress = one(behind_gateway("nginx"), "Ingress", "myapp-ingress")
    snippet = ingress.inputs["metadata"]["annotations"][SNIPPET]
    assert "real_ip_header X-Azure-SocketIP;" in snippet
    made = behind_gateway("nginx", appRouting={})
    (options,) = objects(made, "ConfigMap")
    template = yaml.safe_load(options.inputs["data"]["deployment"])["spec"]["template"]
    (topology,) = template["metadata"]["annotations"].values()
    assert json.loads(topology)["gatewayTopology"]["numTrustedProxies"] == 2


def test_haproxy_answers_one_profile_and_takes_the_client_from_it():
    made = behind_front_door("haproxy")
    values = release(made).inputs["values"]["controller"]
    profile = f"{{ req.hdr(X-Azure-FDID) -m str {PROFILE.lower()} }}"
    assert values["config"]["frontend-config-snippet"].splitlines() == [
        f"http-request deny deny_status 403 unless {profile}",
        f"http-request set-src hdr(X-Forwarded-For) if {profile}",
    ]
    annotations = values["service"]["annotations"]
    assert annotations["service.beta.kubernetes.io/azure-allowed-service-tags"] == TAG
    assert "service.beta.kubernetes.io/azure-allowed-ip-ranges" not in annotations
    assert node_rules(made)["AllowIngressInbound"]["sourceAddressPrefix"] == TAG
    assert not made.of_type("network:ApplicationGateway")


def test_routes_of_the_gateway_api_match_requests_of_one_profile_only():
    made = behind_front_door("external-waf")
    routes = [
        one for one in objects(made, "HTTPRoute") if one.inputs["metadata"]["name"] != "to-https"
    ]
    assert routes
    wanted = [{"type": "Exact", "name": "X-Azure-FDID", "value": PROFILE.lower()}]
    for route in routes:
        for rule in route.inputs["spec"]["rules"]:
            assert [match["headers"] for match in rule["matches"]] == [wanted]
    plain = objects(deployed("external-waf"), "HTTPRoute")
    assert "headers" not in json.dumps([one.inputs for one in plain])
