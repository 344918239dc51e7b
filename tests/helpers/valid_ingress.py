"""Random ingress settings: controllers, WAFs with their rules, and applications behind them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.helpers.certificates import PFX

AGC = "application-gateway-for-containers"
BY_CHART = frozenset({"traefik", "contour", "haproxy"})
_FLAG = st.booleans()
_VARIABLES = st.sampled_from(["RequestHeaderValues", "RequestCookieNames", "RequestArgValues"])


@st.composite
def ingresses(draw: st.DrawFn, network: dict[str, Any], cluster: dict[str, Any]) -> dict[str, Any]:
    """`aks-network:ingress`, of what the network and the identity allow."""
    controller = draw(st.sampled_from(_controllers(network, cluster)))
    kinds = ["none", "gateway", "external"]
    through_hop = network["egress"] in {"firewall", "appliance"}
    if through_hop:
        kinds.remove("external")
    if controller in {"agic", AGC}:
        kinds = ["gateway"] if controller == "agic" else ["none", "gateway"]
    kind = "none" if controller == "none" else draw(st.sampled_from(kinds))
    private = draw(st.sampled_from([[], ["shop.internal"]]))
    ingress: dict[str, Any] = {
        "controller": controller,
        "publicDnsZones": draw(
            st.sampled_from([[], ["myapp.com"], ["myapp.com", "a.example.org"]])
        ),
        "privateDnsZones": private,
        "waf": "none",
        "exposure": "external" if controller == AGC else "internal",
    }
    if kind == "none" and controller not in {"none", "agic", AGC} and not through_hop:
        ingress["exposure"] = draw(st.sampled_from(["internal", "external"]))
    if kind == "external":
        ranges = draw(st.sampled_from(["203.0.113.0/24", ["203.0.113.0/24", "198.51.100.0/24"]]))
        ingress |= {"exposure": "external", "waf": {"external": {"sourceRanges": ranges}}}
    if kind == "gateway":
        ingress["waf"] = draw(_of_containers() if controller == AGC else _gateways(controller))
    if controller == "app-routing":
        variants = [{}, {"implementation": "nginx"}]
        if private:
            variants += [{**one, "internalClass": "internalingress"} for one in variants]
        ingress["appRouting"] = draw(st.sampled_from(variants))
    return ingress


def _controllers(network: dict[str, Any], cluster: dict[str, Any]) -> list[str]:
    found = [*sorted(BY_CHART), "none"]
    if cluster["identity"]["kind"] == "userAssigned":
        found += ["app-routing", "app-routing"]
        if network["model"] != "kubenet":
            found += ["agic"]
    if network["model"] != "kubenet":
        found += [AGC]
    return found


@st.composite
def _custom_rules(draw: st.DrawFn) -> list[dict[str, Any]]:
    conditions = [
        {"variable": "RequestUri", "operator": "BeginsWith", "values": "/admin"},
        {"variable": "RemoteAddr", "operator": "IPMatch", "values": ["192.0.2.0/24"]},
        {"variable": "RemoteAddr", "operator": "GeoMatch", "values": ["DE", "FR"], "negate": True},
        {"variable": "RequestHeaders", "selector": "X-A", "operator": "Any"},
    ]
    rules: list[dict[str, Any]] = []
    for number in range(draw(st.integers(0, 3))):
        rule: dict[str, Any] = {
            "name": f"Rule{number}",
            "priority": 10 + number,
            "action": draw(st.sampled_from(["Allow", "Block", "Log"])),
            "conditions": draw(
                st.lists(st.sampled_from(conditions), min_size=1, max_size=2, unique_by=str)
            ),
        }
        if rule["action"] == "Block" and draw(_FLAG):
            rule["rateLimit"] = {"threshold": draw(st.integers(1, 5000)), "duration": "FiveMins"}
        rules.append(rule)
    return rules


@st.composite
def _rules(draw: st.DrawFn) -> dict[str, Any]:
    """What every firewall of Azure's has: modes and rules."""
    return {
        "mode": draw(st.sampled_from(["Prevention", "Detection"])),
        "ruleSet": draw(
            st.sampled_from(["Microsoft_DefaultRuleSet 2.1", "Microsoft_DefaultRuleSet 2.2"])
        ),
        "botManager": draw(st.sampled_from(["1.0", "1.1"])),
        "customRules": draw(_custom_rules()),
        "logScrubbing": draw(
            st.sampled_from(
                [
                    [],
                    [{"variable": "RequestIPAddress"}],
                    [{"variable": "RequestArgNames", "selector": "q"}],
                ]
            )
        ),
        "exclusions": draw(
            st.lists(
                st.fixed_dictionaries({"variable": _VARIABLES, "selector": st.just("X-Trace")}),
                max_size=2,
            )
        ),
    }


@st.composite
def _of_containers(draw: st.DrawFn) -> dict[str, Any]:
    """Application Gateway for Containers': it has one managed rule set."""
    return draw(_rules()) | {"ruleSet": "Microsoft_DefaultRuleSet 2.1"}


@st.composite
def _gateways(draw: st.DrawFn, controller: str) -> dict[str, Any]:
    """An Application Gateway's."""
    waf = draw(_rules()) | {
        "certificate": {"pfx": PFX},
        "minCapacity": draw(st.integers(0, 2)),
        "maxCapacity": draw(st.integers(2, 20)),
        "zones": draw(st.sampled_from([[], ["1"], ["1", "2", "3"]])),
        "tlsPolicy": draw(st.sampled_from(["AppGwSslPolicy20220101S", "AppGwSslPolicy20220101"])),
    }
    if draw(_FLAG):
        waf["ruleSet"] = "OWASP 3.2"
    if controller == "none":
        waf["backendProtocol"] = draw(st.sampled_from(["Https", "Http"]))
    return waf


@st.composite
def kubernetes_settings(
    draw: st.DrawFn, ingress: dict[str, Any], cluster: dict[str, Any]
) -> dict[str, Any]:
    """`aks-network:kubernetes`, with applications that the ingress can reach."""
    by_chart = ingress["controller"] in {*BY_CHART, AGC, "agic"}
    least = 1 if ingress["waf"] != "none" else 0
    applications = [
        draw(_applications(f"app{number}", ingress))
        for number in range(draw(st.integers(least, 2)))
    ]
    return {
        "delivery": "apply" if by_chart else draw(st.sampled_from(["apply", "none"])),
        "reachable": cluster["private"],
        "applications": applications,
    }


@st.composite
def _applications(draw: st.DrawFn, name: str, ingress: dict[str, Any]) -> dict[str, Any]:
    services: list[dict[str, Any]] = [
        {"name": "front", "app": "frontend"},
        {"name": "back", "app": "backend", "port": draw(st.integers(1, 65535))},
    ]
    egress = [
        {"from": "backend", "to": "internet", "ports": "443/TCP"},
        {"to": ["10.99.0.0/24"], "ports": ["5432", "30000-30100/TCP"]},
    ]
    workload = {"app": "frontend", "image": "mcr.microsoft.com/app:1.2.3", "healthPath": "/healthz"}
    application: dict[str, Any] = {
        "name": name,
        "services": services,
        "podSecurity": draw(st.sampled_from(["baseline", "restricted"])),
        "allow": draw(st.sampled_from([[], [{"from": "frontend", "to": "backend"}]])),
        "egress": draw(st.lists(st.sampled_from(egress), max_size=2, unique_by=str)),
        "workloads": draw(st.sampled_from([[], [workload], [{**workload, "replicas": 5}]])),
    }
    if ingress["controller"] == "none":
        return application
    tls: dict[str, Any] = {"secretName": "tls"}
    nginx = ingress.get("appRouting", {}).get("implementation") == "nginx"
    if ingress["controller"] == "app-routing" and nginx:
        tls = draw(st.sampled_from([tls, {"certificateName": "shop"}]))
    application |= {"host": f"{name}.myapp.com", "tls": tls}
    services[0]["path"] = draw(st.sampled_from(["/", "/shop", "/a/b-c"]))
    if ingress.get("appRouting", {}).get("internalClass") and draw(_FLAG):
        application |= {"host": f"{name}.shop.internal", "internal": True}
    return application
