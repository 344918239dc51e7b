"""Names, access to the API server, sign-in and add-ons of a cluster."""

from __future__ import annotations

import pytest

from simulator.store import Resource
from tests.simulator.aks import CLUSTER, Landscape


@pytest.fixture
def land(azure) -> Landscape:
    return Landscape(azure)


PRIVATE = {"enablePrivateCluster": True}
# Of a type that is not simulated, so that nobody looks for it.
GATEWAY = "/providers/Microsoft.Other/gateways/a"


def gateway(**config: str) -> dict[str, object]:
    return {"addonProfiles": {"ingressApplicationGateway": {"enabled": True, "config": config}}}


def routing(*zones: str) -> dict[str, object]:
    return {"ingressProfile": {"webAppRouting": {"enabled": True, "dnsZoneResourceIds": [*zones]}}}


def zone(name: str, group: str = "rg-test", kind: str = "dnsZones") -> str:
    return f"/subscriptions/s/resourceGroups/{group}/providers/Microsoft.Other/{kind}/{name}"


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("InvalidParameter", {"resourceName": "-aks"}),
        ("InvalidParameter", {"dnsPrefix": "under_score"}),
        ("InvalidParameter", {"dnsPrefix": "x" * 55}),
        ("ReservedResourceName", {"resourceName": "aks-windows"}),
        ("ReservedResourceName", {"resourceName": "login-aks"}),
        (
            "InvalidParameter",
            {"apiServerAccessProfile": {**PRIVATE, "authorizedIPRanges": ["203.0.113.0/24"]}},
        ),
        (
            "InvalidParameter",
            {"apiServerAccessProfile": {"authorizedIPRanges": ["0.0.0.0/32", "203.0.113.0/24"]}},
        ),
        (
            "InvalidPrivateDNSZoneMode",
            {"apiServerAccessProfile": {"privateDNSZone": "system"}},
        ),
        (
            "InvalidPrivateDNSZoneMode",
            {"apiServerAccessProfile": {**PRIVATE, "privateDNSZone": "own"}},
        ),
        (
            "NonePrivateDNSZonePublicFQDNDisabledError",
            {
                "apiServerAccessProfile": {
                    **PRIVATE,
                    "privateDNSZone": "none",
                    "enablePrivateClusterPublicFQDN": False,
                }
            },
        ),
        ("InvalidParameter", {"fqdnSubdomain": "aks"}),
        ("BadRequest", {"disableLocalAccounts": True}),
        ("RBACNotEnabledForAAD", {"aadProfile": {"managed": True}, "enableRBAC": False}),
        (
            "BadRequest",
            {"securityProfile": {"workloadIdentity": {"enabled": True}}},
        ),
        (
            "BadRequest",
            {
                "autoUpgradeProfile": {
                    "upgradeChannel": "node-image",
                    "nodeOSUpgradeChannel": "SecurityPatch",
                }
            },
        ),
        ("BadRequest", routing(*(zone(f"z{n}") for n in range(6)))),
        ("BadRequest", routing(zone("a"), zone("b", "rg-h"))),
        ("IngressAppGwAddonConfigInvalid", gateway()),
        ("IngressAppGwAddonConfigInvalid", gateway(applicationGatewayName="a")),
        (
            "IngressAppGwAddonConfigProvideEitherSubnetCIDROrSubnetId",
            gateway(subnetCIDR="10.0.64.0/24", subnetId="s"),
        ),
        (
            "IngressAppGwAddonConfigSubnetNotAllowedWhenUsingExistingGateway",
            gateway(applicationGatewayId=GATEWAY, subnetCIDR="10.0.64.0/24"),
        ),
        (
            "LogAnalyticsWorkspaceNotSet",
            {"addonProfiles": {"omsagent": {"enabled": True, "config": {}}}},
        ),
    ],
)
def test_a_cluster_is_refused(land, code, changes):
    assert land.refused(**changes).code == code


@pytest.mark.parametrize(
    "changes",
    [
        {"apiServerAccessProfile": {"authorizedIPRanges": ["203.0.113.0/24"]}},
        {"apiServerAccessProfile": {**PRIVATE, "privateDNSZone": "none"}},
        {"disableLocalAccounts": True, "aadProfile": {"managed": True}},
        {
            "oidcIssuerProfile": {"enabled": True},
            "securityProfile": {"workloadIdentity": {"enabled": True}},
        },
        routing(*(zone(f"z{n}") for n in range(5))),
        routing(zone("a"), zone("b", "rg-h", "privateDnsZones")),
        gateway(applicationGatewayName="agw", subnetCIDR="10.0.64.0/24"),
    ],
)
def test_a_cluster_is_accepted(land, changes):
    assert land.make(**changes)


@pytest.mark.parametrize(
    ("name", "integrated", "accepted"),
    [
        ("privatelink.westeurope.azmk8s.io", False, True),
        ("shop.privatelink.westeurope.azmk8s.io", False, True),
        ("private.westeurope.azmk8s.io", True, True),
        ("private.westeurope.azmk8s.io", False, False),
        ("privatelink.northeurope.azmk8s.io", False, False),
        ("shop.internal", False, False),
    ],
)
def test_a_custom_zone_has_the_name_that_azure_prescribes(land, name, integrated, accepted):
    made = land.azure.put("privatedns:PrivateZone", privateZoneName=name, location="global")
    land.grant(made.id, role="b12aa53e-6015-4669-85d0-8515ebb3ae7f")
    access = {**PRIVATE, "privateDNSZone": made.id, "enableVnetIntegration": integrated}
    changes = {"apiServerAccessProfile": access, "dnsPrefix": None, "fqdnSubdomain": "aks"}
    if accepted:
        assert land.make(**changes).outputs["privateFQDN"] == f"aks.{name}"
    else:
        assert land.refused(**changes).code == "InvalidPrivateDNSZoneResourceID"


def test_app_routing_needs_a_managed_identity(land):
    """Rule: app_routing_needs_a_managed_identity."""
    land.azure.role(land.subnet.id, "6c0b3a2e-0000-4000-8000-00000000000b")
    application = {"clientId": "6c0b3a2e-0000-4000-8000-00000000000a", "secret": "s"}
    changes = {"identity": None, "servicePrincipalProfile": application}
    error = land.refused(**changes, **routing())
    assert (error.code, error.target) == ("BadRequest", "ingressProfile.webAppRouting")
    assert land.make(**changes)


@pytest.mark.parametrize(("tier", "accepted"), [("Standard", False), ("WAF_v2", True)])
def test_the_ingress_controller_needs_a_gateway_of_the_second_generation(land, tier, accepted):
    group = f"/subscriptions/{land.azure.cloud.subscription}/resourceGroups/rg-test"
    key = f"{group}/providers/Microsoft.Network/applicationGateways/agw"
    inputs = {"sku": {"name": tier, "tier": tier}}
    land.azure.cloud.store.put(Resource(key, "network:ApplicationGateway", inputs))
    changes = gateway(applicationGatewayId=key)
    if accepted:
        profile = land.make(**changes).outputs["addonProfiles"]["ingressApplicationGateway"]
        assert profile["identity"]["resourceId"].endswith("/ingressapplicationgateway-aks")
    else:
        assert land.refused(**changes).code == (
            "IngressAppGwAddonConfigUnsupportedApplicationGatewaySku"
        )


def test_the_node_resource_group_is_made_by_aks(land):
    """Rule: the_node_resource_group_is_new."""
    land.azure.put("resources:ResourceGroup", resourceGroupName="rg-nodes")
    assert land.refused(nodeResourceGroup="rg-nodes").code == "BadRequest"
    made = land.make(nodeResourceGroup="rg-aks-nodes")
    assert made.outputs["nodeResourceGroup"] == "rg-aks-nodes"
    assert land.azure.put(CLUSTER, **land.inputs(nodeResourceGroup="rg-aks-nodes"))
