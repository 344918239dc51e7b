"""The Application Gateway Ingress Controller: its gateway, its roles and its Ingress."""

from __future__ import annotations

from components.azure.roles import Role
from components.ingress.application_gateway_config import AGIC_MANAGED_PROPERTIES
from tests.components.ingress.recordings import (
    deployed,
    one,
    roles,
)


def test_agic_drives_the_gateway_that_is_made_for_it():
    agic = deployed("agic")
    addon = agic.one("containerservice:ManagedCluster").inputs["addonProfiles"][
        "ingressApplicationGateway"
    ]
    gateway = agic.one("network:ApplicationGateway").inputs
    assert addon["enabled"] is True
    assert addon["config"]["applicationGatewayId"].endswith(gateway["applicationGatewayName"])


def test_only_the_properties_that_agic_manages_are_ignored():
    gateway = deployed("agic").one("network:ApplicationGateway")
    assert gateway.ignore_changes == AGIC_MANAGED_PROPERTIES
    owned = {path.partition("[")[0] for path in gateway.ignore_changes}
    assert not owned & {"firewallPolicy", "sku", "sslPolicy", "autoscaleConfiguration", "identity"}
    assert gateway.inputs["firewallPolicy"]["id"]
    assert "tags" not in gateway.ignore_changes


def test_nothing_of_another_gateway_is_ignored():
    assert deployed("traefik").one("network:ApplicationGateway").ignore_changes == ()


def test_agics_identity_has_roles_on_the_gateway_and_what_it_refers_to_only():
    assert roles(deployed("agic"), "waf-agic-") == {
        "group": (Role.READER, "resourceGroups"),
        "gateway": (Role.CONTRIBUTOR, "applicationGateways"),
        "subnet": (Role.NETWORK_CONTRIBUTOR, "subnets"),
        "address": (Role.NETWORK_CONTRIBUTOR, "publicIPAddresses"),
        "policy": (Role.NETWORK_CONTRIBUTOR, "ApplicationGatewayWebApplicationFirewallPolicies"),
        "identity": (Role.MANAGED_IDENTITY_OPERATOR, "userAssignedIdentities"),
    }


def test_agics_ingress_has_agics_class_and_the_gateways_certificate():
    ingress = one(deployed("agic"), "Ingress").inputs
    assert ingress["spec"]["ingressClassName"] == "azure-application-gateway"
    assert "tls" not in ingress["spec"]
    annotations = ingress["metadata"]["annotations"]
    (certificate,) = deployed("agic").one("network:ApplicationGateway").inputs["sslCertificates"]
    prefix = "appgw.ingress.kubernetes.io"
    assert annotations[f"{prefix}/appgw-ssl-certificate"] == certificate["name"]
    assert annotations[f"{prefix}/ssl-redirect"] == "true"
