"""Controllers and firewalls: what goes together, and what a refusal says to change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from components.kubernetes.gateway_manifests import GATEWAY
from components.kubernetes.helm_charts import CHARTS
from components.settings.load import configuration
from tests.helpers.broken import problems
from tests.helpers.certificates import PFX, elliptic, packed, signed
from tests.helpers.stacks import configuration_of, example

Edit = Callable[[dict[str, Any]], None]

INGRESS = "aks-network:ingress"
WAF = f"{INGRESS}.waf"
VAULT = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg/providers/Microsoft"
EXAMPLES = (
    "traefik",
    "contour",
    "haproxy",
    "agic",
    "agc",
    "external-waf",
    "waf-rules",
    "nginx",
    "internal-class",
)


def ingress(**changes: Any) -> Edit:
    return lambda config: config[INGRESS].update(changes)


def waf(**changes: Any) -> Edit:
    return lambda config: config[INGRESS]["waf"].update(changes)


def put(section: str, **changes: Any) -> Edit:
    return lambda config: config[f"aks-network:{section}"].update(changes)


def application(**changes: Any) -> Edit:
    return lambda config: config["aks-network:kubernetes"]["applications"][0].update(changes)


def without(*keys: str) -> Edit:
    def edit(config: dict[str, Any]) -> None:
        for key in keys:
            config["aks-network:kubernetes"]["applications"][0].pop(key, None)

    return edit


def rule(**changes: Any) -> Edit:
    made = {
        "name": "Mine",
        "priority": 10,
        "action": "Block",
        "conditions": [{"variable": "RequestUri", "operator": "Contains", "values": ["x"]}],
        **changes,
    }
    return waf(customRules=[made])


def condition(**changes: Any) -> Edit:
    return rule(
        conditions=[{"variable": "RequestUri", "operator": "Contains", "values": "x", **changes}]
    )


def exclusion(group: str, *rules: str, **changes: Any) -> Edit:
    made = {"variable": "RequestArgNames", "selector": "q", "ruleGroup": group, "rules": [*rules]}
    return waf(exclusions=[made], **changes)


def override(group: str, *rules: str, **changes: Any) -> Edit:
    return waf(ruleOverrides=[{"ruleGroup": group, "rules": [*rules], **changes}])


def site(**changes: Any) -> Edit:
    made = {"name": "shop", "hosts": "myapp.com", **changes}
    return waf(sites=[made])


def scrubbing(*rules: dict[str, Any]) -> Edit:
    return waf(logScrubbing=[*rules])


PROFILE = "55ce4ed1-4b06-4bf1-b40e-4638452104da"


def front_door(**changes: Any) -> Edit:
    """Azure Front Door in front of the Application Gateway."""
    return waf(frontDoorId=PROFILE, customRules=[], **changes)


def behind_front_door(*more: Edit, **changes: Any) -> Edit:
    """Azure Front Door in front of the controller."""
    external = {"external": {"frontDoorId": PROFILE, **changes}}

    def edit(config: dict[str, Any]) -> None:
        for one in (ingress(waf=external, exposure="external"), *more):
            one(config)

    return edit


def custom(**changes: Any) -> dict[str, Any]:
    conditions = [{"variable": "RequestUri", "operator": "Any"}]
    return {"name": "a", "priority": 2, "action": "Block", "conditions": conditions, **changes}


BY_ADDRESS = [{"variable": "RemoteAddr", "operator": "GeoMatch", "values": "DE"}]
PASSWORD = {"variable": "RequestPostArgNames", "selector": "password"}


def exclusions(count: int) -> list[dict[str, Any]]:
    return [{"variable": "RequestArgNames", "selector": f"q{number}"} for number in range(count)]


def ranges(count: int) -> list[str]:
    return [f"20.{number // 256}.{number % 256}.0/24" for number in range(count)]


def paths(count: int) -> Edit:
    first = {"name": "web", "app": "frontend", "path": [f"/{number}" for number in range(count)]}
    return application(services=[first, {"name": "backendservice", "app": "backend"}])


def zones(count: int) -> list[str]:
    return [f"z{number}.example.com" for number in range(count)]


def nginx(**changes: Any) -> Edit:
    return ingress(appRouting={"implementation": "nginx"}, **changes)


def internal_hosts(count: int) -> Edit:
    def edit(config: dict[str, Any]) -> None:
        hosts(count)(config)
        application(internal=True, tls={"secretName": "tls"})(config)

    return edit


def hosts(count: int) -> Edit:
    services = [
        {"name": f"w{n}", "app": "frontend", "path": "/", "host": f"w{n}.myapp.com"}
        for n in range(count)
    ]
    backend = {"name": "backendservice", "app": "backend"}
    return application(host=None, services=[*services, backend])


@pytest.mark.parametrize(
    ("name", "edit"),
    [
        ("agc", hosts(63)),
        ("nginx", hosts(100)),
        ("agic", hosts(99)),
        ("agic", paths(100)),
        ("haproxy", paths(300)),
        ("external-waf", nginx(waf={"external": {"sourceRanges": ranges(3_900)}})),
        ("waf-rules", condition(values=["x"] * 10)),
        ("waf-rules", condition(variable="RemoteAddr", operator="IPMatch", values=ranges(600))),
        ("waf-rules", waf(exclusions=exclusions(200))),
        ("waf-rules", override("SQLI", "942100", action="AnomalyScoring")),
        ("waf-rules", override("UnknownBots", "Bot300600", action="JSChallenge")),
        ("agc", override("BadBots", "Bot100100", enabled=False)),
        # Microsoft's page of 2026-08 restricts neither with Application Gateway for Containers.
        ("agc", rule(action="JSChallenge")),
        ("agc", rule(rateLimit={"threshold": 10})),
        ("waf-rules", waf(requestLimits={"bodyKb": 2000, "fileUploadMb": 4000})),
        ("waf-rules", front_door(sites=[{"name": "a", "hosts": "myapp.com"}])),
        ("waf-rules", waf(frontDoorId=PROFILE, customRules=[custom()])),
        ("agic", front_door()),
        ("agc", front_door()),
        ("haproxy", behind_front_door(application(tls={"secretName": "tls"}))),
        ("external-waf", behind_front_door()),
        ("waf-rules", scrubbing(PASSWORD, {"variable": "RequestIPAddress"})),
        ("agc", scrubbing(PASSWORD, {"variable": "RequestCookieNames"})),
        ("waf-rules", site(mode="Detection", exclusions=[], logScrubbing=[PASSWORD])),
        ("waf-rules", site(exclusions=exclusions(200), customRules=[])),
        ("waf-rules", hosts(63)),
        ("external-waf", ingress(waf="none", publicDnsZones=zones(7), privateDnsZones=zones(7))),
        ("external-waf", nginx(waf="none", publicDnsZones=zones(3), privateDnsZones=zones(2))),
        # Behind a third party's firewall no public zone is the add-on's.
        ("external-waf", nginx(publicDnsZones=zones(9), privateDnsZones=zones(5))),
        # A firewall's own records are not the add-on's.
        ("nginx", ingress(publicDnsZones=zones(9), privateDnsZones=zones(5))),
        ("nginx", waf(backendProtocol="Http")),
        # An ingress class may have dots.
        (
            "internal-class",
            ingress(appRouting={"implementation": "nginx", "internalClass": "2.internal"}),
        ),
        ("internal-class", ingress(appRouting={"internalClass": "i" * 39})),
        ("waf-rules", exclusion("SQLI", "942440")),
        ("waf-rules", exclusion("MS-ThreatIntel-XSS", "99032001")),
        (
            "waf-rules",
            exclusion("REQUEST-942-APPLICATION-ATTACK-SQLI", "942130", ruleSet="OWASP 3.2"),
        ),
        # Of the older Default Rule Set only the groups are known.
        ("waf-rules", exclusion("SQLI", "942130", ruleSet="Microsoft_DefaultRuleSet 2.1")),
        # An Ingress has no such limits.
        ("traefik", hosts(64)),
    ],
)
def test_what_objects_can_just_hold_is_accepted(name: str, edit: Edit):
    config = example(name)
    edit(config)
    assert configuration(config)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_are_accepted(name: str):
    assert configuration(example(name))


def own_tls(**tls: Any) -> Edit:
    def edit(config: dict[str, Any]) -> None:
        config["aks-network:kubernetes"]["applications"][0]["tls"] = tls

    return edit


CASES: list[tuple[str, Edit, str, str]] = [
    # which example, what is changed, where the problem is, what the remedy names
    ("agic", ingress(waf="none"), WAF, "set waf with a certificate"),
    ("agic", put("network", model="kubenet", dataplane="azure", policy="calico"),
     f"{INGRESS}.controller", "azure-cni-overlay"),
    ("agc", put("network", model="kubenet", dataplane="azure", policy="calico"),
     f"{INGRESS}.controller", "azure-cni-overlay"),
    ("agc", ingress(exposure="internal"), f"{INGRESS}.exposure", "exposure: external"),
    ("agc", ingress(waf={"external": {"sourceRanges": "198.51.100.0/24"}}),
     f"{WAF}.external", "a controller other than"),
    ("agc", waf(certificate={"pfx": PFX}), f"{WAF}.certificate", "remove it"),
    ("agc", waf(maxCapacity=3), f"{WAF}.maxCapacity", "remove it"),
    ("agc", waf(ruleSet="OWASP 3.2"), f"{WAF}.ruleSet", "Microsoft_DefaultRuleSet 2.1"),
    ("agc", waf(ruleSet="Microsoft_DefaultRuleSet 2.2"), f"{WAF}.ruleSet",
     "Microsoft_DefaultRuleSet 2.1"),
    ("agc", condition(variable="RequestHeaders", selector="x-forwarded-for"),
     f"{WAF}.customRules[0].conditions[0].selector", "RemoteAddr"),
    ("agc", without("tls"), "aks-network:kubernetes.applications[0].tls.secretName", "name"),
    ("agc", application(host="myapp.com"), "aks-network:kubernetes.applications[0].host",
     "www.myapp.com"),
    ("agc", put("kubernetes", delivery="render"), "aks-network:kubernetes.delivery",
     "delivery: apply"),
    ("traefik", put("kubernetes", delivery="render"), "aks-network:kubernetes.delivery",
     "controllerNamespace"),
    ("traefik", without("tls"), "aks-network:kubernetes.applications[0].tls.secretName", "name"),
    ("traefik", ingress(exposure="external"), f"{INGRESS}.exposure", "exposure: internal"),
    ("traefik", ingress(controllerNamespace="traefik"), f"{INGRESS}.controllerNamespace",
     "controller: none"),
    ("traefik", ingress(appRouting={"implementation": "gateway-api"}),
     f"{INGRESS}.appRouting.implementation", "controller: app-routing"),
    ("waf-rules", ingress(appRouting={"gatewayApiEnabled": True}),
     f"{INGRESS}.appRouting.gatewayApiEnabled", "remove it"),
    ("traefik", ingress(appRouting={"internalClass": "internal"}),
     f"{INGRESS}.appRouting.internalClass", "controller: app-routing"),
    ("internal-class", ingress(appRouting={"internalClass": "applications"}),
     f"{INGRESS}.appRouting.internalClass", "another name"),
    ("internal-class", ingress(appRouting={"internalClass": "2nd"}),
     f"{INGRESS}.appRouting.internalClass", "another name"),
    ("internal-class", ingress(appRouting={"internalClass": "shop.internal"}),
     f"{INGRESS}.appRouting.internalClass", "another name"),
    ("internal-class", ingress(appRouting={"internalClass": "i" * 40}),
     f"{INGRESS}.appRouting.internalClass", "shorter name"),
    ("waf-rules", ingress(waf="none"), "aks-network:kubernetes.applications[0].tls",
     "certificateName"),
    ("waf-rules", waf(backendProtocol="Http"), f"{WAF}.backendProtocol", "remove it"),
    ("external-waf", without("tls"), "aks-network:kubernetes.applications[0].tls",
     "certificateName"),
    ("kv-certificate", ingress(controller="none", controllerNamespace="own", waf="none"),
     "aks-network:kubernetes.applications[0].tls.certificateId", "controller: app-routing"),
    ("traefik", application(tls={"certificateName": "myapp-com"}),
     "aks-network:kubernetes.applications[0].tls.certificateName", "use secretName"),
    ("agic", application(tls={"certificateName": "myapp-com"}),
     "aks-network:kubernetes.applications[0].tls.certificateName", "use secretName"),
    ("agc", application(tls={"certificateName": "myapp-com"}),
     "aks-network:kubernetes.applications[0].tls.certificateName", "use secretName"),
    ("external-waf", ingress(exposure="internal"), f"{INGRESS}.exposure", "exposure: external"),
    ("external-waf", nginx(waf="none", publicDnsZones=zones(4), privateDnsZones=zones(2)),
     f"{INGRESS}.privateDnsZones", "gateway-api"),
    ("external-waf", ingress(waf="none", publicDnsZones=zones(8)), f"{INGRESS}.publicDnsZones",
     "elsewhere"),
    ("external-waf", ingress(waf={"external": {"sourceRanges": [
        f"198.51.{n}.{m}/32" for n in range(2) for m in range(150)]}}),
     f"{WAF}.external.sourceRanges", "merge"),
    ("agc", hosts(64), "aks-network:kubernetes.applications", "fewer hosts"),
    ("internal-class", hosts(64), "aks-network:kubernetes.applications", "63 public hosts"),
    ("internal-class", internal_hosts(64), "aks-network:kubernetes.applications",
     "63 internal hosts"),
    ("waf-rules", hosts(64), "aks-network:kubernetes.applications", "fewer hosts"),
    ("agc", application(services=[{"name": "w", "app": "frontend", "path": "/" + "a" * 1024},
                                  {"name": "backendservice", "app": "backend"}]),
     "aks-network:kubernetes.applications[0].services[0].path", "a shorter path"),
    ("external-waf", ingress(controller="none", controllerNamespace="own"), f"{WAF}.external",
     "a controller other than"),
    ("external-waf", ingress(waf={"external": {"sourceRanges": ["0.0.0.0/0"]}}),
     f"{WAF}.external.sourceRanges[0]", "publishes"),
    ("external-waf", ingress(controller="none", waf="none"),
     "aks-network:kubernetes.applications[0].host", "controllerNamespace"),
    ("waf-rules", own_tls(certificateName="shop"),
     "aks-network:kubernetes.applications[0].tls.certificateName",
     "certificateId: https://<vaultName>.vault.azure.net/certificates/shop"),
    ("agic", waf(certificate={"pfx": "aHVudGVyMg=="}), f"{WAF}.certificate.pfx",
     "openssl pkcs12 -export"),
    ("waf-rules", waf(certificate={}), f"{WAF}.certificate", "exactly one"),
    ("waf-rules", lambda c: c[INGRESS]["waf"]["certificate"].update(pfx=PFX),
     f"{WAF}.certificate", "exactly one"),
    ("waf-rules",
     lambda c: c[INGRESS]["waf"]["certificate"].update(vaultId=f"{VAULT}.KeyVault/vaults/other"),
     f"{WAF}.certificate.vaultId", "of that vault"),
    ("waf-rules",
     lambda c: c[INGRESS]["waf"]["certificate"].update(vaultId=f"{VAULT}.Storage/accounts/a"),
     f"{WAF}.certificate.vaultId", "resource ID"),
    ("waf-rules", waf(certificate={"secretId": "https://kv.vault.usgovcloudapi.net/secrets/c"}),
     f"{WAF}.certificate.secretId", "vault.azure.net"),
    ("waf-rules", waf(minCapacity=9), f"{WAF}.minCapacity", "maxCapacity"),
    ("waf-rules", waf(backendProtocol="Http", backendRootCertificates=["TUlJ"]),
     f"{WAF}.backendRootCertificates", "Https"),
    ("waf-rules", waf(backendRootCertificates=["not base64!"]),
     f"{WAF}.backendRootCertificates[0]", "PEM or base64"),
    ("waf-rules", rule(priority=0), f"{WAF}.customRules[0].priority", "1"),
    ("waf-rules", rule(rateLimit={"threshold": 10}, action="Allow"),
     f"{WAF}.customRules[0].action", "Block or Log"),
    ("waf-rules", condition(operator="IPMatch"), f"{WAF}.customRules[0].conditions[0].operator",
     "RemoteAddr"),
    ("waf-rules", condition(selector="x"), f"{WAF}.customRules[0].conditions[0].selector",
     "remove"),
    ("waf-rules", condition(values=[]), f"{WAF}.customRules[0].conditions[0].values", "Any"),
    ("waf-rules", condition(operator="Any"), f"{WAF}.customRules[0].conditions[0].values", "Any"),
    ("waf-rules", condition(variable="RemoteAddr", operator="IPMatch", values="home"),
     f"{WAF}.customRules[0].conditions[0].values[0]", "203.0.113.0/24"),
    ("waf-rules", condition(variable="RemoteAddr", operator="GeoMatch", values="Germany"),
     f"{WAF}.customRules[0].conditions[0].values[0]", "DE"),
    ("waf-rules", waf(exclusions=[{"variable": "RequestArgNames"}]),
     f"{WAF}.exclusions[0].selector", "EqualsAny"),
    ("waf-rules", waf(exclusions=[
        {"variable": "RequestArgNames", "selector": "q", "rules": "942440"}]),
     f"{WAF}.exclusions[0].rules", "ruleGroup"),
    ("waf-rules", exclusion("APPLICATION-ATTACK-SQLI"), f"{WAF}.exclusions[0].ruleGroup",
     "use SQLI"),
    ("waf-rules", exclusion("REQUEST-943-APPLICATION-ATTACK-SESSION-FIXATION"),
     f"{WAF}.exclusions[0].ruleGroup", "use FIX"),
    ("waf-rules", exclusion("Anything", "941100"), f"{WAF}.exclusions[0].ruleGroup", "use XSS"),
    ("waf-rules", exclusion("SQLi"), f"{WAF}.exclusions[0].ruleGroup", "use SQLI"),
    ("waf-rules", exclusion("zzz"), f"{WAF}.exclusions[0].ruleGroup", "use one of General, METHOD"),
    ("waf-rules", exclusion("SQLI", ruleSet="OWASP 3.2"), f"{WAF}.exclusions[0].ruleGroup",
     "use REQUEST-942-APPLICATION-ATTACK-SQLI"),
    ("waf-rules", exclusion("MS-ThreatIntel-XSS", ruleSet="Microsoft_DefaultRuleSet 2.1"),
     f"{WAF}.exclusions[0].ruleGroup", "use XSS"),
    ("agc", exclusion("APPLICATION-ATTACK-SQLI"), f"{WAF}.exclusions[0].ruleGroup", "use SQLI"),
    ("waf-rules", exclusion("SQLI", "942440", "941100"), f"{WAF}.exclusions[0].rules[1]",
     "use ruleGroup: XSS for it"),
    ("waf-rules", exclusion("SQLI", "942130"), f"{WAF}.exclusions[0].rules[0]", "remove 942130"),
    ("waf-rules", hosts(101), "aks-network:kubernetes.applications", "fewer hosts"),
    ("traefik", hosts(101), "aks-network:kubernetes.applications", "fewer hosts"),
    ("agic", hosts(101), "aks-network:kubernetes.applications", "fewer hosts"),
    ("agic", hosts(100), "aks-network:kubernetes.applications", "fewer services"),
    ("agic", paths(101), "aks-network:kubernetes.applications[0].services", "another host"),
    ("haproxy", waf(backendRootCertificates=["TUlJ"] * 101), f"{WAF}.backendRootCertificates",
     "remove some"),
    ("external-waf", ingress(waf={"external": {"sourceRanges": ranges(3_901)}}),
     f"{WAF}.external.sourceRanges", "merge ranges"),
    ("waf-rules", condition(values=["x"] * 11), f"{WAF}.customRules[0].conditions[0].values",
     "another rule"),
    ("waf-rules", condition(values=["x"] * 11, negate=True),
     f"{WAF}.customRules[0].conditions[0].values", "another condition of the same rule"),
    ("waf-rules", condition(variable="RemoteAddr", operator="IPMatch", values=ranges(601)),
     f"{WAF}.customRules[0].conditions[0].values", "another rule"),
    ("waf-rules", override("SQLi", "942100"), f"{WAF}.ruleOverrides[0].ruleGroup", "use SQLI"),
    ("waf-rules", override("SQLI", "941100"), f"{WAF}.ruleOverrides[0].rules[0]", "XSS"),
    ("waf-rules", override("SQLI", "942100", "942100"), f"{WAF}.ruleOverrides[0].rules[1]",
     "remove one"),
    ("waf-rules", override("SQLI"), f"{WAF}.ruleOverrides[0].rules", "add an entry"),
    ("waf-rules", override("SQLI", "942100", action="JSChallenge"),
     f"{WAF}.ruleOverrides[0].action", "use Block or Log"),
    ("waf-rules", override("BadBots", "Bot100100", action="AnomalyScoring"),
     f"{WAF}.ruleOverrides[0].action", "use Block or Log"),
    ("waf-rules", override("SQLI", "942100", enabled=False, action="Log"),
     f"{WAF}.ruleOverrides[0].action", "remove it"),
    ("agc", override("BadBots", "Bot100100", action="JSChallenge"),
     f"{WAF}.ruleOverrides[0].action", "use Block or Log"),
    ("waf-rules", waf(requestLimits={"bodyKb": 64}), f"{WAF}.requestLimits.inspectedKb", "bodyKb"),
    ("waf-rules", waf(requestLimits={"bodyKb": 2001}), f"{WAF}.requestLimits.bodyKb", "2000"),
    ("external-waf", behind_front_door(nginx()), f"{WAF}.external.frontDoorId", "gateway-api"),
    ("traefik", behind_front_door(application(tls={"secretName": "tls"})),
     f"{WAF}.external.frontDoorId", "controller: haproxy"),
    ("contour", behind_front_door(), f"{WAF}.external.frontDoorId", "controller: haproxy"),
    ("haproxy", behind_front_door(application(tls={"secretName": "t"}), sourceRanges="8.8.8.0/24"),
     f"{WAF}.external", "or the ID of Front Door"),
    ("external-waf", ingress(waf={"external": {}}), f"{WAF}.external", "or the ID of Front Door"),
    ("external-waf", ingress(waf={"external": {"frontDoorId": "mine"}}),
     f"{WAF}.external.frontDoorId", "use a GUID"),
    ("agc", waf(frontDoorId=PROFILE, mode="Detection"), f"{WAF}.mode", "use Prevention"),
    ("waf-rules", front_door(mode="Detection"), f"{WAF}.mode", "use Prevention"),
    ("waf-rules", front_door(sites=[{"name": "a", "hosts": "myapp.com", "mode": "Detection"}]),
     f"{WAF}.sites[0].mode", "use Prevention"),
    ("waf-rules", waf(frontDoorId=PROFILE, customRules=[custom(priority=1)]),
     f"{WAF}.customRules[0].priority", "raise it"),
    ("waf-rules", front_door(sites=[{"name": "a", "hosts": "myapp.com",
                                     "customRules": [custom(priority=1)]}]),
     f"{WAF}.sites[0].customRules[0].priority", "raise it"),
    ("waf-rules", waf(frontDoorId=PROFILE, customRules=[custom(conditions=BY_ADDRESS)]),
     f"{WAF}.customRules[0].conditions[0].variable", "Front Door's own policy"),
    ("waf-rules", waf(frontDoorId=PROFILE, customRules=[custom(rateLimit={"threshold": 10})]),
     f"{WAF}.customRules[0].rateLimit.groupBy", "use None"),
    ("waf-rules", waf(exclusions=exclusions(201)), f"{WAF}.exclusions", "merge"),
    ("waf-rules", scrubbing({"variable": "RequestIPAddress", "selector": "x"}),
     f"{WAF}.logScrubbing[0].selector", "remove it"),
    ("waf-rules", scrubbing(PASSWORD, PASSWORD), f"{WAF}.logScrubbing[1]", "remove one of them"),
    ("waf-rules", site(logScrubbing=[PASSWORD, PASSWORD]), f"{WAF}.sites[0].logScrubbing[1]",
     "remove one of them"),
    ("waf-rules", site(exclusions=exclusions(201)), f"{WAF}.sites[0].exclusions", "merge"),
    ("waf-rules", site(ruleOverrides=[{"ruleGroup": "SQLi", "rules": ["942100"]}]),
     f"{WAF}.sites[0].ruleOverrides[0].ruleGroup", "use SQLI"),
    ("waf-rules", site(requestLimits={"bodyKb": 64}), f"{WAF}.sites[0].requestLimits.inspectedKb",
     "bodyKb"),
    ("waf-rules", site(hosts=[]), f"{WAF}.sites[0].hosts", "add an entry"),
    ("waf-rules", site(hosts="other.com"), f"{WAF}.sites[0].hosts[0]", "or remove it"),
    ("waf-rules", site(hosts=["myapp.com", "myapp.com"]), f"{WAF}.sites[0].hosts[1]",
     "from the others"),
    ("waf-rules", waf(sites=[{"name": "a", "hosts": "myapp.com"}, {"name": "a", "hosts": "b.com"}]),
     f"{WAF}.sites[1].name", "a different name"),
    ("agic", site(), f"{WAF}.sites", "another controller"),
    ("agc", site(), f"{WAF}.sites", "another controller"),
    ("traefik", ingress(appRouting={"internalClass": "inside"}),
     f"{INGRESS}.appRouting.internalClass", "app-routing"),
    ("internal-class", ingress(appRouting={"internalClass": "publicingress"}),
     f"{INGRESS}.appRouting.internalClass", "another name"),
    ("internal-class", ingress(appRouting={}), "aks-network:kubernetes.applications[1].internal",
     "internalClass"),
    ("internal-class", lambda c: c["aks-network:kubernetes"]["applications"][1].pop("tls"),
     "aks-network:kubernetes.applications[1].tls", "certificateName"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "edit", "path", "remedy"), CASES)
def test_what_does_not_go_together_is_refused_with_a_remedy(
    name: str, edit: Edit, path: str, remedy: str
):
    config = example(name)
    edit(config)
    found = problems(config)
    assert path in found, found
    assert remedy in found[path]


@pytest.mark.parametrize(
    ("name", "edit", "holds"),
    [
        ("nginx", None, {"ingress frontends": 1}),
        ("waf-rules", None, {"ingress frontends": 1, "reserved ingress addresses": 2}),
        ("nginx", ingress(appRouting={"implementation": "nginx", "sideBySide": True}),
         {"ingress frontends": 2, "reserved ingress addresses": 1}),
        ("internal-class", None, {"ingress frontends": 2, "reserved ingress addresses": 2}),
    ],
)  # fmt: skip
def test_the_plan_says_which_ingress_addresses_are_in_use(
    name: str, edit: Edit | None, holds: dict[str, int]
):
    config = example(name)
    if edit is not None:
        edit(config)
    rows = configuration(config).plan.as_output()
    (row,) = (row for row in rows if row["subnet"] == "ingress")
    assert {one["what"]: one["addresses"] for one in row["holds"]} == holds
    assert row["required"] == sum(holds.values())


def test_two_custom_rules_have_names_and_priorities_of_their_own():
    config = example("waf-rules")
    rules = config[INGRESS]["waf"]["customRules"]
    rules[1].update(name=rules[0]["name"], priority=rules[0]["priority"])
    found = problems(config)
    for position in (0, 1):
        assert {f"{WAF}.customRules[{position}].{key}" for key in ("name", "priority")} <= set(
            found
        )


@pytest.mark.parametrize(
    ("name", "role", "fitting"),
    [("agic", "applicationGateway", "10.60.12.0/25"), ("agc", "trafficController", None)],
)
def test_a_gateways_subnet_on_an_overlay_is_no_larger_than_azure_allows(
    name: str, role: str, fitting: str | None
):
    config = example(name)
    path = f"aks-network:network.subnets.{role}"
    config["aks-network:network"]["subnets"] = {role: "10.60.12.0/23"}
    assert "/24" in problems(config)[path]
    config["aks-network:network"]["subnets"] = {role: fitting or "10.60.12.0/24"}
    configuration(config)


@pytest.mark.parametrize("controller", ["app-routing", "agic"])
def test_an_addon_needs_a_managed_identity(controller: str):
    config = configuration_of("dev")
    config[INGRESS]["controller"] = controller
    config["aks-network:cluster"]["identity"] = {
        "kind": "servicePrincipal",
        "servicePrincipal": {
            "clientId": "7f951dda-4ed3-4680-a7ca-43fe172d538d",
            "objectId": "7f951dda-4ed3-4680-a7ca-43fe172d538d",
            "clientSecret": "throwaway",
        },
    }
    assert "userAssigned" in problems(config)[f"{INGRESS}.controller"]


def test_a_controller_of_ones_own_is_named_by_its_namespace():
    config = example("traefik")
    config[INGRESS] = {"controller": "none", "controllerNamespace": "own-ingress"}
    assert configuration(config).settings.ingress.controller_namespace == "own-ingress"


def test_a_cluster_without_any_way_in_is_accepted():
    config = example("traefik")
    config[INGRESS] = {"controller": "none", "waf": "none"}
    del config["aks-network:kubernetes"]
    assert not configuration(config).plan.has("ingress")


@pytest.mark.parametrize("name", [*(c.namespace for c in CHARTS.values()), GATEWAY.namespace])
def test_no_application_takes_a_controllers_namespace(name: str):
    config = example("traefik")
    config["aks-network:kubernetes"]["applications"][0]["name"] = name
    assert "aks-network:kubernetes.applications[0].name" in problems(config)


def test_a_certificate_in_pem_is_taken_as_its_base64():
    config = example("haproxy")
    (data,) = config[INGRESS]["waf"]["backendRootCertificates"]
    config[INGRESS]["waf"]["backendRootCertificates"] = [
        f"-----BEGIN CERTIFICATE-----\n{data[:64]}\n{data[64:]}\n-----END CERTIFICATE-----\n"
    ]
    found = configuration(config).settings.ingress.waf
    assert not isinstance(found, str)
    assert found.model_dump()["backend_root_certificates"] == (data,)


def test_managed_nginx_is_said_to_retire_and_its_successor_is_not():
    def warnings(name: str) -> str:
        return "\n".join(configuration(example(name)).warnings)

    assert "managed NGINX retires on 2026-11-30" in warnings("nginx")
    assert "gateway-api" in warnings("nginx")
    for name in ("traefik", "external-waf", "waf-rules"):
        assert "NGINX" not in warnings(name)


@pytest.mark.parametrize("controller", ["app-routing", "traefik", "contour", "haproxy"])
def test_a_controller_that_is_open_to_everyone_is_pointed_out(controller: str):
    def warnings(**changes: object) -> str:
        config = example("external-waf")
        config[INGRESS] |= {"controller": controller, **changes}
        return "\n".join(configuration(config).warnings)

    assert "K8S-3" in warnings(waf="none")
    assert "every address of the Internet reaches the ingress controller" in warnings(waf="none")
    assert "K8S-3" not in warnings()
    assert "K8S-3" not in warnings(waf="none", exposure="internal")


def test_a_region_not_known_to_have_the_gateway_is_pointed_out():
    config = example("agc")
    config["azure-native:location"] = "polandcentral"
    assert "polandcentral" in "\n".join(configuration(config).warnings)


def certificate_advice(config: dict[str, Any]) -> list[str]:
    return [text for text in configuration(config).warnings if "waf.certificate.pfx" in text]


def with_pfx(*hosts: str, **more: Any) -> dict[str, Any]:
    key = elliptic()
    config = configuration_of("dev")
    pfx = packed(key, signed("shop", key, hosts=hosts, **more))
    config[INGRESS]["waf"]["certificate"] = {"pfx": pfx}
    return config


def test_a_certificate_that_names_its_hosts_is_worth_no_word():
    assert certificate_advice(with_pfx("myapp.com")) == []


def test_a_certificate_that_clients_refuse_is_said_to_be_one():
    (text,) = certificate_advice(with_pfx("*.myapp.com"))
    assert text.startswith("clients refuse myapp.com: ")
    (text,) = certificate_advice(with_pfx("myapp.com", lifetime=timedelta(hours=1)))
    assert "expired on" in text


@pytest.mark.parametrize(
    ("tls", "served"),
    [
        ({"secretName": "tls"}, True),
        ({"certificateId": "https://kv-others.vault.azure.net/certificates/shop"}, False),
    ],
)
def test_an_applications_secret_does_not_reach_the_gateway(tls, *, served):
    config = with_pfx("other.example")
    own_tls(**tls)(config)
    assert bool(certificate_advice(config)) is served


def test_agic_serves_an_applications_secret_itself():
    config = with_pfx("other.example")
    config[INGRESS]["controller"] = "agic"
    assert certificate_advice(config)
    own_tls(secretName="tls")(config)
    assert not certificate_advice(config)
