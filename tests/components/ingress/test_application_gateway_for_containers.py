"""Application Gateway for Containers: its frontend, its firewall, its controller and roles."""

from __future__ import annotations

from components.azure.roles import Role
from tests.components.ingress.recordings import (
    LINUX,
    deployed,
    example,
    objects,
    one,
    release,
    roles,
    run,
    subnet,
)


def test_the_traffic_controller_has_one_association_and_a_public_frontend():
    agc = deployed("agc")
    association = agc.one("servicenetworking:AssociationsInterface").inputs
    assert association["subnet"]["id"].endswith(subnet(agc, "trafficController")["subnetName"])
    frontend = agc.one("servicenetworking:FrontendsInterface")
    gateway = one(agc, "Gateway").inputs
    (address,) = gateway["spec"]["addresses"]
    assert address == {
        "type": "alb.networking.azure.io/alb-frontend",
        "value": frontend.inputs["frontendName"],
    }
    controller = agc.one("servicenetworking:TrafficControllerInterface").inputs
    alb_id = gateway["metadata"]["annotations"]["alb.networking.azure.io/alb-id"]
    assert alb_id.endswith(controller["trafficControllerName"])


def test_its_subnet_has_a_security_group_that_lets_clients_in():
    agc = deployed("agc")
    group = agc.one("network:NetworkSecurityGroup", "network-trafficController-nsg")
    rules = {rule["name"]: rule for rule in group.inputs["securityRules"]}
    assert rules["AllowWebInbound"]["sourceAddressPrefix"] == "Internet"
    assert (
        rules["AllowInstancesInbound"]["sourceAddressPrefix"]
        == (subnet(agc, "trafficController")["addressPrefix"])
    )
    # The pods of the overlay, which the tag VirtualNetwork does not cover.
    assert "10.200.0.0/16" in rules["AllowPodsOutbound"]["destinationAddressPrefixes"]
    assert subnet(agc, "trafficController")["networkSecurityGroup"]["id"]


def test_the_firewalls_policy_guards_the_whole_gateway():
    agc = deployed("agc")
    policy_id = agc.one("servicenetworking:SecurityPoliciesInterface").inputs["wafPolicy"]["id"]
    guard = one(agc, "WebApplicationFirewallPolicy").inputs["spec"]
    assert guard["webApplicationFirewall"]["id"] == policy_id
    assert guard["targetRef"]["kind"] == "Gateway"
    assert guard["targetRef"]["name"] == one(agc, "Gateway").inputs["metadata"]["name"]


def test_without_a_firewall_there_is_no_policy_and_a_warning_instead():
    config = example("agc")
    config["aks-network:ingress"]["waf"] = "none"
    agc = run("agc", config)
    assert not agc.of_type("servicenetworking:SecurityPoliciesInterface")
    assert not objects(agc, "WebApplicationFirewallPolicy")


def test_the_alb_controller_signs_in_by_its_service_account():
    agc = deployed("agc")
    federation = agc.one("managedidentity:FederatedIdentityCredential").inputs
    assert federation["subject"] == "system:serviceaccount:azure-alb-system:alb-controller-sa"
    assert federation["audiences"] == ["api://AzureADTokenExchange"]
    values = release(agc).inputs["values"]["albController"]
    assert values["podIdentity"]["clientID"]
    assert values["controller"]["nodeSelector"] == LINUX
    assert agc.one("managedidentity:FederatedIdentityCredential").urn in release(agc).dependencies


def test_the_alb_controllers_roles_are_those_of_its_documentation():
    assert roles(deployed("agc"), "alb-") == {
        "configuration": (Role.APPGW_FOR_CONTAINERS_CONFIGURATION_MANAGER, "resourceGroups"),
        "subnet": (Role.NETWORK_CONTRIBUTOR, "subnets"),
        "nodes": (Role.READER, "resourceGroups"),
        "policy": (Role.NETWORK_CONTRIBUTOR, "ApplicationGatewayWebApplicationFirewallPolicies"),
    }


def test_the_public_name_leads_to_the_frontends_own():
    record = deployed("agc").one("dns:RecordSet").inputs
    assert (record["recordType"], record["relativeRecordSetName"]) == ("CNAME", "www")
    assert record["cnameRecord"]["cname"].endswith(".alb.azure.com")


def test_no_other_gateway_and_no_load_balancer_stand_beside_it():
    agc = deployed("agc")
    assert not agc.of_type("network:ApplicationGateway")
    assert not [s for s in agc.of_type("network:Subnet") if s.name == "network-ingress"]


def test_the_traffic_controller_sends_its_own_logs():
    config = example("agc")
    config["aks-network:observability"] = {"diagnostics": {"applicationGatewayForContainers": True}}
    made = run("agc", config)
    setting = made.one("monitor:DiagnosticSetting").inputs
    assert setting["resourceUri"].lower().rpartition("/")[0].endswith("/trafficcontrollers")
    assert {log["category"] for log in setting["logs"]} == {
        "TrafficControllerAccessLog",
        "TrafficControllerFirewallLog",
    }
