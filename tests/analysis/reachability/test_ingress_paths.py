"""What leads from the Internet to an application, and what breaks it."""

from __future__ import annotations

import pytest

from tests.analysis.reachability.changes import (
    BACKEND,
    CONTROLLER,
    FRONTEND,
    GATEWAY,
    NETWORK,
    Change,
    add,
    after,
    nested,
    put,
    security_rule,
)
from tests.analysis.reachability.states import Resources, named, passes


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_ingress_path_leads_through_the_firewall_to_the_frontend_only(stack: str):
    matrix = after(stack)
    through = f"tcp 443 through {GATEWAY} with WAF"
    assert passes(matrix, "Internet", CONTROLLER) == through
    assert passes(matrix, "Internet", FRONTEND) == f"{through}, {CONTROLLER}"
    assert passes(matrix, "Internet", BACKEND) == "none"


def test_a_firewall_that_only_detects_inspects_nothing():
    detecting = nested("WebApplicationFirewallPolicy", "", "policySettings", mode="Detection")
    matrix = after("dev", detecting)
    (proxied,) = matrix.between("Internet", FRONTEND).proxied
    assert proxied.waf_policies == ()
    assert passes(matrix, "Internet", FRONTEND) == f"tcp 443 through {GATEWAY}, {CONTROLLER}"


def test_a_gateway_without_a_firewall_policy_inspects_nothing():
    matrix = after("dev", put("ApplicationGateway", "", firewallPolicy=None))
    (proxied,) = matrix.between("Internet", FRONTEND).proxied
    assert proxied.waf_policies == ()


def test_a_listeners_own_policy_takes_the_place_of_the_gateways():
    def own_policy(mode: str) -> Change:
        def change(resources: Resources) -> None:
            policy = f"{NETWORK}/applicationGatewayWebApplicationFirewallPolicies/own"
            add("azure-native:network:WebApplicationFirewallPolicy", policy,
                policySettings={"mode": mode})(resources)  # fmt: skip
            gateway = named(resources, "ApplicationGateway", "")["outputs"]
            for listener in gateway["httpListeners"]:
                listener["firewallPolicy"] = {"id": policy}

        return change

    through = f"tcp 443 through {GATEWAY}"
    assert passes(after("dev", own_policy("Detection")), "Internet", CONTROLLER) == through
    inspected = passes(after("dev", own_policy("Prevention")), "Internet", CONTROLLER)
    assert inspected == f"{through} with WAF"


@pytest.mark.parametrize(
    ("names", "expected"), [(["a.com", "*.com"], True), (["a.com"], False), ([], True)]
)
def test_a_listener_may_have_several_hosts(names: list[str], *, expected: bool):
    def hosts(resources: Resources) -> None:
        for listener in named(resources, "ApplicationGateway", "")["outputs"]["httpListeners"]:
            del listener["hostName"]
            listener["hostNames"] = names

    assert (passes(after("dev", hosts), "Internet", FRONTEND) != "none") == expected


def test_a_pool_that_leads_elsewhere_leads_to_nobody():
    pool = [{"name": "ingress-controller", "backendAddresses": [{"ipAddress": "10.20.195.9"}]}]
    matrix = after("dev", put("ApplicationGateway", "", backendAddressPools=pool))
    assert passes(matrix, "Internet", FRONTEND) == "none"


def test_an_ingress_for_another_host_is_not_reached_through_the_listener():
    def elsewhere(resources: Resources) -> None:
        rules = named(resources, "Ingress", "myapp-ingress")["outputs"]["spec"]["rules"]
        rules[0]["host"] = "other.example.com"

    matrix = after("nginx", elsewhere)
    assert passes(matrix, "Internet", CONTROLLER) != "none"
    assert passes(matrix, "Internet", FRONTEND) == "none"


def test_an_ingress_for_every_host_is_reached_through_a_listener_for_one():
    def any_host(resources: Resources) -> None:
        del named(resources, "Ingress", "myapp-ingress")["outputs"]["spec"]["rules"][0]["host"]

    (proxied,) = after("nginx", any_host).between("Internet", FRONTEND).proxied
    assert proxied.reasons == ("myapp.com/blog", "myapp.com/store")


def test_an_ingress_of_another_class_is_not_served():
    matrix = after("nginx", nested("Ingress", "-ingress", "spec", ingressClassName="internal"))
    assert passes(matrix, "Internet", FRONTEND) == "none"


def test_a_target_port_that_no_policy_opens_is_not_reached():
    def other_port(resources: Resources) -> None:
        for name in ("blogservice", "storeservice"):
            named(resources, "Service", name)["outputs"]["spec"]["ports"][0]["targetPort"] = 9090

    matrix = after("dev", other_port)
    assert passes(matrix, "Internet", FRONTEND) == "none"


def test_a_public_controller_is_reached_past_the_firewall():
    def publish(resources: Resources) -> None:
        controller = named(resources, "NginxIngressController", "")
        controller["outputs"]["spec"].pop("loadBalancerAnnotations")
        named(resources, "NetworkSecurityGroup", "-nodes")["outputs"]["securityRules"].append(
            security_rule(
                "AllowInternet", 320, sourceAddressPrefix="Internet", protocol="Tcp",
                destinationPortRanges=["80", "443"], destinationPortRange="",
            )
        )  # fmt: skip

    matrix = after("nginx", publish)
    assert passes(matrix, "Internet", CONTROLLER) == "tcp 80, 443"
    (proxied,) = matrix.between("Internet", FRONTEND).proxied
    assert proxied.proxies == (CONTROLLER,)
    assert proxied.waf_policies == ()


def test_a_firewall_elsewhere_is_let_in_by_its_ranges_only():
    def open_to_the_firewall(resources: Resources) -> None:
        controller = named(resources, "NginxIngressController", "")
        controller["outputs"]["spec"].pop("loadBalancerAnnotations")
        rules = named(resources, "NetworkSecurityGroup", "-nodes")["outputs"]["securityRules"]
        row = next(rule for rule in rules if rule["name"] == "AllowIngressInbound")
        row |= {"sourceAddressPrefix": "203.0.113.0/24", "sourceAddressPrefixes": None}
        # A public load balancer's address is none of the ingress subnet's.
        row |= {"destinationAddressPrefix": "*", "destinationAddressPrefixes": None}

    matrix = after("nginx", open_to_the_firewall)
    assert passes(matrix, "Internet", CONTROLLER) == "tcp 80, 443 from 203.0.113.0/24"


def test_the_gateway_as_controller_speaks_to_the_pods_themselves():
    def agic(resources: Resources) -> None:
        cluster = named(resources, "ManagedCluster", "")
        cluster["outputs"]["addonProfiles"]["ingressApplicationGateway"] = {"enabled": True}
        resources.remove(named(resources, "NginxIngressController", ""))
        ingress = named(resources, "Ingress", "-ingress")
        ingress["outputs"]["spec"]["ingressClassName"] = "azure-application-gateway"
        rules = named(resources, "NetworkSecurityGroup", "-nodes")["outputs"]["securityRules"]
        rules.append(
            security_rule("AllowGateway", 305, sourceAddressPrefix="10.60.12.0/24",
                          destinationPortRange="8080", protocol="Tcp")
        )  # fmt: skip
        policy = named(resources, "NetworkPolicy", "allow-ingress-controller")
        peers = [{"ipBlock": {"cidr": "10.60.12.0/24"}}]
        policy["outputs"]["spec"]["ingress"][0]["from"] = peers

    matrix = after("nginx", agic)
    assert passes(matrix, GATEWAY, FRONTEND) == "tcp 8080"
    assert passes(matrix, "Internet", FRONTEND) == f"tcp 80, 443 through {GATEWAY} with WAF"


def test_an_ingress_of_the_gateways_own_may_name_another_firewall_policy():
    def detecting(resources: Resources) -> None:
        policy = f"{NETWORK}/applicationGatewayWebApplicationFirewallPolicies/own"
        add("azure-native:network:WebApplicationFirewallPolicy", policy,
            policySettings={"mode": "Detection"})(resources)  # fmt: skip
        annotation = "appgw.ingress.kubernetes.io/waf-policy-for-path"
        named(resources, "Ingress", "-ingress")["outputs"]["metadata"]["annotations"][
            annotation
        ] = policy

    through = f"tcp 80, 443 through {GATEWAY}"
    assert passes(after("agic"), "Internet", FRONTEND) == f"{through} with WAF"
    assert passes(after("agic", detecting), "Internet", FRONTEND) == through


def test_a_controller_of_a_helm_release_is_one_like_any_other():
    prefix = "service.beta.kubernetes.io/azure-load-balancer"

    def traefik(resources: Resources) -> None:
        resources.remove(named(resources, "NginxIngressController", ""))
        outputs = {
            "name": "traefik",
            "chart": "traefik",
            "namespace": "traefik",
            "metadata": {"name": "traefik", "namespace": "traefik"},
            "values": {
                "ingressClass": {"name": "publicingress"},
                "service": {
                    "annotations": {f"{prefix}-internal": "true", f"{prefix}-ipv4": "10.60.14.132"}
                },
            },
        }
        made = {"type": "kubernetes:helm.sh/v3:Release", "id": "traefik", "inputs": {}}
        resources.append({**made, "outputs": outputs})
        peers = [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "traefik"}}}]
        policy = named(resources, "NetworkPolicy", "allow-ingress-controller")
        policy["outputs"]["spec"]["ingress"][0]["from"] = peers

    matrix = after("nginx", traefik)
    through = f"tcp 443 through {GATEWAY} with WAF, {CONTROLLER}"
    assert passes(matrix, "Internet", FRONTEND) == through
