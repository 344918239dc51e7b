"""Policies of single hosts, and what the firewall's logs hide."""

from __future__ import annotations

from typing import Any

from tests.components.ingress.recordings import example, run
from tests.helpers.mocks import Recording, Registration

PASSWORD = {"variable": "RequestPostArgNames", "selector": "password"}


def deployed(**waf: Any) -> Recording:
    """An application with three hosts behind an Application Gateway."""
    config = example("traefik")
    config["aks-network:ingress"]["waf"] |= waf
    application = config["aks-network:kubernetes"]["applications"][0]
    application["services"][0] |= {"host": "shop.myapp.com"}
    application["services"][1] |= {"host": "blog.myapp.com"}
    application["services"].append({"name": "rest", "app": "frontend", "path": "/"})
    return run("traefik", config)


def policies(made: Recording) -> dict[str, Registration]:
    return {one.name: one for one in made.of_type("network:WebApplicationFirewallPolicy")}


def test_a_host_has_the_policy_of_its_site_and_all_others_that_of_the_gateway():
    sites = [{"name": "shop", "hosts": ["shop.myapp.com", "blog.myapp.com"], "mode": "Detection"}]
    made = deployed(sites=sites)
    assert set(policies(made)) == {"waf-policy", "waf-shop-policy"}
    gateway = made.one("network:ApplicationGateway").inputs
    common, own = (policies(made)[name].inputs for name in ("waf-policy", "waf-shop-policy"))
    assert own["policyName"] == f"{common['policyName']}-shop"
    assert gateway["firewallPolicy"]["id"].endswith(f"/{common['policyName']}")
    found = {
        (listener["hostName"], listener["protocol"]): (listener.get("firewallPolicy") or {}).get(
            "id", ""
        )
        for listener in gateway["httpListeners"]
    }
    assert len(found) == 6
    for (host, _), policy in found.items():
        assert policy.endswith("-shop") == (host in sites[0]["hosts"])
        assert bool(policy) == (host != "myapp.com")


def test_what_a_site_does_not_set_is_the_firewalls():
    custom = {
        "name": "Offices",
        "priority": 1,
        "action": "Log",
        "conditions": [{"variable": "RequestUri", "operator": "Any"}],
    }
    common = {
        "exclusions": [{"variable": "RequestArgNames", "selector": "q"}],
        "customRules": [custom],
        "requestLimits": {"bodyKb": 500},
        "logScrubbing": [PASSWORD],
    }
    sites = [
        {"name": "same", "hosts": "shop.myapp.com"},
        {"name": "other", "hosts": "blog.myapp.com", "exclusions": [], "mode": "Detection"},
    ]
    made = policies(deployed(**common, sites=sites))
    gateway, same, other = (made[f"waf{part}-policy"].inputs for part in ("", "-same", "-other"))
    for key in ("policySettings", "managedRules", "customRules"):
        assert same[key] == gateway[key]
    assert "exclusions" in gateway["managedRules"]
    assert "exclusions" not in other["managedRules"]
    assert other["customRules"] == gateway["customRules"]
    assert other["policySettings"] == {**gateway["policySettings"], "mode": "Detection"}


def test_logs_hide_what_the_settings_name():
    scrubbed = [
        PASSWORD,
        {"variable": "RequestCookieNames"},
        {"variable": "RequestIPAddress"},
    ]
    policy = policies(deployed(logScrubbing=scrubbed))["waf-policy"].inputs
    scrubbing = policy["policySettings"]["logScrubbing"]
    assert scrubbing["state"] == "Enabled"
    rows = [
        (rule["matchVariable"], rule["selectorMatchOperator"], rule.get("selector"), rule["state"])
        for rule in scrubbing["scrubbingRules"]
    ]
    assert rows == [
        ("RequestPostArgNames", "Equals", "password", "Enabled"),
        ("RequestCookieNames", "EqualsAny", None, "Enabled"),
        ("RequestIPAddress", "EqualsAny", None, "Enabled"),
    ]
    plain = policies(deployed())["waf-policy"].inputs
    assert "logScrubbing" not in plain["policySettings"]
