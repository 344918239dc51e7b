"""Application Gateway for Containers: what connects it, what it inspects, and whom it reaches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.analysis.reachability.changes import (
    BACKEND,
    FRONTEND,
    NETWORK,
    NODES,
    Change,
    add,
    after,
    drop,
    nested,
    put,
    security_rule,
)
from tests.analysis.reachability.states import Resources, matrix_of, named, passes

NAME = "Application Gateway for Containers"
PLAIN = f"tcp 443 through {NAME}"
INGRESS_PATH = f"{PLAIN} with WAF"
AZURES, KUBERNETES = (
    "azure-native:network:WebApplicationFirewallPolicy",
    "kubernetes:alb.networking.azure.io/v1:WebApplicationFirewallPolicy",
)
POLICY = AZURES.partition(":")[2], ""
AT_GATEWAY = KUBERNETES.partition(":")[2], "applications"


def ingress_path(*changes: Change) -> str:
    return passes(after("agc", *changes), "Internet", FRONTEND)


def test_requests_come_through_the_frontend_and_the_firewall_to_the_frontends_pods_only():
    matrix = matrix_of("agc")
    assert passes(matrix, "Internet", NAME) == "tcp 80, 443"
    assert passes(matrix, "Internet", FRONTEND) == INGRESS_PATH
    assert passes(matrix, "Internet", BACKEND) == "none"
    assert passes(matrix, NAME, FRONTEND) == "tcp 8080"
    assert passes(matrix, NAME, BACKEND) == "none"


def test_an_explanation_names_hosts_paths_and_the_policy():
    (proxied,) = matrix_of("agc").between("Internet", FRONTEND).proxied
    assert proxied.reasons == ("www.myapp.com/blog", "www.myapp.com/store")
    assert proxied.waf_policies == ("waf-shop-agc-westeurope",)


# What connects it


def test_without_an_association_there_is_nothing_that_listens():
    matrix = after("agc", drop("AssociationsInterface", ""))
    assert NAME not in {one.name for one in matrix.endpoints}
    assert passes(matrix, "Internet", FRONTEND) == "none"


def test_a_frontend_that_no_gateway_takes_listens_to_nothing():
    matrix = after("agc", drop("Gateway", "applications"))
    assert passes(matrix, "Internet", NAME) == "none"
    assert matrix.skipped == ()


@pytest.mark.parametrize(
    "change",
    [
        drop("FrontendsInterface", "public"),
        nested("Gateway", "applications", "spec", addresses=[]),
        nested("Gateway", "applications", "metadata", annotations={}),
        nested("Gateway", "applications", "metadata", annotations={
            "alb.networking.azure.io/alb-id": "/subscriptions/s/elsewhere"}),
    ],
    ids=["no frontend", "no address", "no traffic controller", "another traffic controller"],
)  # fmt: skip
def test_a_gateway_whose_frontend_is_not_in_the_state_is_reported_as_skipped(change: Change):
    matrix = after("agc", change)
    assert passes(matrix, "Internet", FRONTEND) == "none"
    (sentence,) = matrix.skipped
    assert sentence.startswith("Gateway ingress-gateway/applications: frontend not in")


def test_ids_are_compared_as_azure_does():
    def shout(resources: Resources) -> None:
        annotations = named(resources, "Gateway", "applications")["outputs"]["metadata"]
        name = "alb.networking.azure.io/alb-id"
        annotations["annotations"][name] = annotations["annotations"][name].upper()

    assert ingress_path(shout) == INGRESS_PATH


def test_azure_routes_the_pods_of_an_overlay_only_to_a_delegated_subnet():
    def keep(resources: Resources) -> None:
        subnet = named(resources, "Subnet", "-trafficcontroller")
        for side in ("inputs", "outputs"):
            subnet[side].pop("delegations", None)

    assert ingress_path(keep) == "none"


def test_pods_in_the_virtual_network_need_no_such_route():
    flat = nested("ManagedCluster", "", "networkProfile", networkPluginMode="")
    assert ingress_path(flat) == INGRESS_PATH


# Security groups


def guarded(*rules: dict[str, Any]) -> Change:
    """A security group at the subnet of the association."""

    def change(resources: Resources) -> None:
        group = f"{NETWORK}/networkSecurityGroups/agc"
        token = "azure-native:network:NetworkSecurityGroup"
        add(token, group, name="agc", securityRules=list(rules))(resources)
        subnet = named(resources, "Subnet", "-trafficcontroller")
        subnet["outputs"]["networkSecurityGroup"] = {"id": group}

    return change


def test_a_security_group_at_its_subnet_closes_it_to_the_internet_unless_it_says_otherwise():
    assert ingress_path(guarded()) == "none"
    web = security_rule("AllowWeb", 100, sourceAddressPrefix="Internet", protocol="Tcp",
                        destinationPortRange="443")  # fmt: skip
    assert ingress_path(guarded(web)) == INGRESS_PATH


def test_a_security_group_at_its_subnet_may_let_in_a_part_of_the_internet():
    web = security_rule("AllowOffice", 100, sourceAddressPrefix="203.0.113.0/24")
    assert ingress_path(guarded(web)) == f"tcp 443 from 203.0.113.0/24 through {NAME} with WAF"


def test_a_security_group_at_its_subnet_may_keep_it_from_the_pods():
    web = security_rule("AllowWeb", 100, sourceAddressPrefix="Internet")
    out = security_rule("DenyPods", 100, direction="Outbound", access="Deny",
                        destinationAddressPrefix="10.200.0.0/16")  # fmt: skip
    assert ingress_path(guarded(web, out)) == "none"


def test_it_reaches_nodes_on_nothing_but_the_applications_port():
    assert passes(matrix_of("agc"), NAME, NODES) == "tcp 8080"


# The firewall


@pytest.mark.parametrize("settings", [{"mode": "Detection"}, {"state": "Disabled"}])
def test_a_policy_that_does_not_prevent_inspects_nothing(settings: dict[str, str]):
    assert ingress_path(nested(*POLICY, "policySettings", **settings)) == PLAIN


def test_a_policy_that_the_security_policy_does_not_name_is_not_applied():
    other = put("SecurityPoliciesInterface", "", wafPolicy={"id": "/subscriptions/s/other"})
    assert ingress_path(other) == PLAIN


def target(kind: str, name: str, namespace: str = "", sections: Sequence[str] = ()) -> Change:
    """Aim the cluster's WebApplicationFirewallPolicy at something else."""
    aim: dict[str, Any] = {"kind": kind, "name": name, "sectionNames": list(sections)}
    if namespace:
        aim["namespace"] = namespace
    return nested(*AT_GATEWAY, "spec", targetRef=aim)


@pytest.mark.parametrize(
    ("aim", "expected"),
    [
        (target("Gateway", "applications"), INGRESS_PATH),
        (target("Gateway", "applications", sections=["www-myapp-com"]), INGRESS_PATH),
        (target("Gateway", "applications", sections=["http"]), PLAIN),
        (target("Gateway", "applications", "myapp"), PLAIN),
        (target("Gateway", "others"), PLAIN),
        (target("HTTPRoute", "myapp-www-myapp-com", "myapp"), INGRESS_PATH),
        (target("HTTPRoute", "myapp-www-myapp-com"), PLAIN),
        (target("HTTPRoute", "to-https"), PLAIN),
    ],
)
def test_the_firewall_stands_where_it_is_aimed_at(aim: Change, expected: str):
    assert ingress_path(aim) == expected


def test_a_firewall_for_one_rule_leaves_the_others_uninspected():
    def first_named(resources: Resources) -> None:
        rules = named(resources, "HTTPRoute", "myapp/myapp-www-myapp-com")["outputs"]["spec"]
        rules["rules"][0]["name"] = "blog"

    aim = target("HTTPRoute", "myapp-www-myapp-com", "myapp", ["blog"])
    passages = after("agc", first_named, aim).between("Internet", FRONTEND).proxied
    assert {(one.reasons, bool(one.waf_policies)) for one in passages} == {
        (("www.myapp.com/blog",), True),
        (("www.myapp.com/store",), False),
    }


def test_of_several_policies_for_a_path_every_one_has_to_prevent():
    """Which one Azure takes is not documented, so a weaker one counts."""

    def second(mode: str) -> Change:
        def change(resources: Resources) -> None:
            policy = f"{NETWORK}/applicationGatewayWebApplicationFirewallPolicies/second"
            controller = named(resources, "TrafficControllerInterface", "")["id"]
            add(AZURES, policy, policySettings={"mode": mode})(resources)
            add(
                "azure-native:servicenetworking:SecurityPoliciesInterface",
                f"{controller}/securityPolicies/second",
                wafPolicy={"id": policy},
            )(resources)
            aim = {"kind": "HTTPRoute", "name": "myapp-www-myapp-com", "namespace": "myapp"}
            add(KUBERNETES, "second", kind="WebApplicationFirewallPolicy",
                metadata={"name": "second", "namespace": "myapp"},
                spec={"targetRef": aim, "webApplicationFirewall": {"id": policy}})(
                resources
            )  # fmt: skip

        return change

    assert ingress_path(second("Prevention")) == INGRESS_PATH
    assert ingress_path(second("Detection")) == PLAIN


# Routes


def test_without_the_grant_for_its_certificate_the_listener_serves_nobody():
    assert ingress_path(drop("ReferenceGrant", "myapp/myapp-certificate")) == "none"


def test_without_its_route_an_application_is_not_reached():
    assert ingress_path(drop("HTTPRoute", "myapp/myapp-www-myapp-com")) == "none"


def test_an_ingress_of_its_class_is_reported_as_skipped():
    made = add("kubernetes:networking.k8s.io/v1:Ingress", "old", kind="Ingress",
               metadata={"name": "old", "namespace": "myapp"},
               spec={"ingressClassName": "azure-alb-external"})  # fmt: skip
    (sentence,) = after("agc", made).skipped
    assert sentence.startswith(f"Ingress myapp/old of {NAME}: not supported")
