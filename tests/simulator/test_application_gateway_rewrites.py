"""Application Gateway: what rewrite rule sets may change, and with what."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.landscape import Waf

PORTLESS = "{var_add_x_forwarded_for_proxy}"


@pytest.fixture
def waf(azure) -> Waf:
    return Waf(azure)


def header(name: str, value: str = "x") -> dict[str, Any]:
    return {"headerName": name, "headerValue": value}


def rewritten(
    waf: Waf, *headers: dict[str, Any], routing: dict[str, Any] | None = None, **rule: Any
) -> dict[str, Any]:
    """A gateway whose rule has a rewrite rule set with one rewrite rule."""
    made = {
        "name": "w",
        "ruleSequence": 100,
        "actionSet": {"requestHeaderConfigurations": list(headers)},
        **rule,
    }
    applied = waf.routing(rewriteRuleSet=waf.to("rewriteRuleSets", "set"), **(routing or {}))
    return {
        "rewriteRuleSets": [{"name": "set", "rewriteRules": [made]}],
        "requestRoutingRules": [applied],
    }


def test_the_port_in_x_forwarded_for_is_removed_as_documented(waf):
    assert waf.put(**rewritten(waf, header("X-Forwarded-For", PORTLESS)))


@pytest.mark.parametrize(
    "value",
    ["{http_req_Accept}", "{var_cookie_user}", "https://{var_host}{var_uri_path_1}", "", "{x}"],
)
def test_a_header_takes_text_headers_and_server_variables(waf, value):
    assert waf.put(**rewritten(waf, header("X-Own", value)))


@pytest.mark.parametrize("value", ["{var_client_address}", "a{var_host}{var_port}"])
def test_a_server_variable_that_does_not_exist_is_refused(waf, value):
    error = waf.refused(**rewritten(waf, header("X-Own", value)))
    assert (error.code, error.target) == ("BadRequest", "rewriteRuleSets")
    assert "set/w: unknown server variable" in error.message


@pytest.mark.parametrize(
    "rule",
    [
        {"conditions": [{"variable": "var_location", "pattern": "http:(.*)$"}]},
        {"actionSet": {"urlConfiguration": {"modifiedPath": "/{var_path}"}}},
    ],
)
def test_conditions_and_urls_name_server_variables_too(waf, rule):
    error = waf.refused(**rewritten(waf, header("X-Own"), **rule))
    assert error.code == "BadRequest"
    assert "unknown server variable" in error.message


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (header("Connection"), "header Connection is not supported"),
        (header("upgrade"), "header upgrade is not supported"),
        (header("Host", ""), "header Host cannot be deleted"),
    ],
)
def test_some_headers_cannot_be_rewritten(waf, given, text):
    error = waf.refused(**rewritten(waf, given))
    assert error.code == "BadRequest"
    assert text in error.message
    assert waf.put(**rewritten(waf, header("Host", "{var_host}"), header("Server", "")))


def test_only_a_path_map_is_evaluated_again(waf):
    again = {"actionSet": {"urlConfiguration": {"modifiedPath": "/a", "reroute": True}}}
    error = waf.refused(**rewritten(waf, **again))
    assert (error.code, error.target) == ("BadRequest", "requestRoutingRules")
    assert "r is of type Basic" in error.message
    path_map = {
        "name": "m",
        "defaultBackendAddressPool": waf.to("backendAddressPools", "pool"),
        "defaultBackendHttpSettings": waf.to("backendHttpSettingsCollection", "s"),
        "defaultRewriteRuleSet": waf.to("rewriteRuleSets", "set"),
    }
    routing = {
        "ruleType": "PathBasedRouting",
        "rewriteRuleSet": None,
        "urlPathMap": waf.to("urlPathMaps", "m"),
    }
    made = rewritten(waf, **again)
    made["requestRoutingRules"] = [waf.routing(**routing)]
    assert waf.put(**made, urlPathMaps=[path_map])


@pytest.mark.parametrize("what", ["conditions", "changes"])
def test_a_set_has_at_most_40_conditions_and_changes(waf, what):
    def with_many(count: int) -> dict[str, Any]:
        if what == "conditions":
            one = {"variable": "var_host", "pattern": "a"}
            return rewritten(waf, header("X-Own"), conditions=[one] * count)
        return rewritten(waf, *[header(f"X-{number}") for number in range(count)])

    assert waf.put(**with_many(40))
    error = waf.refused(**with_many(41))
    assert error.code == "BadRequest"
    assert f"at most 40 {what}, not 41" in error.message


def test_a_rule_refers_to_a_set_that_exists_and_to_nothing_else(waf):
    made = rewritten(waf, header("X-Own"))
    made["rewriteRuleSets"][0]["name"] = "other"
    assert waf.refused(**made).code == "InvalidResourceReference"
    wrong = waf.routing(rewriteRuleSet=waf.to("probes", "set"))
    error = waf.refused(requestRoutingRules=[wrong], probes=[{"name": "set", "host": "a"}])
    assert error.code == "InvalidResourceReference"
    assert "which is not in rewriteRuleSets" in error.message


def test_a_rewrite_without_an_effect_is_worth_a_warning(waf):
    away = {"name": "away", "redirectType": "Permanent", "targetUrl": "https://example.com"}
    routing = {
        "backendAddressPool": None,
        "backendHttpSettings": None,
        "redirectConfiguration": waf.to("redirectConfigurations", "away"),
    }
    made = rewritten(waf, header("X-Own"), routing=routing)
    waf.put(**made, redirectConfigurations=[away])
    warned = " ".join(waf.azure.cloud.warnings)
    assert "Rule r redirects, so its rewrite rule set has no effect." in warned
