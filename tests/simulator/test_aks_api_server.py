"""Names, access to the API server, sign-in and add-ons of a cluster."""

from __future__ import annotations

import pytest

from simulator.store import Resource
from tests.simulator.aks import CLUSTER, Landscape, code_of


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
    ("rule", "changes"),
    [
        ("names_are_those_of_a_host", {"resourceName": "-aks"}),
        ("names_are_those_of_a_host", {"dnsPrefix": "under_score"}),
        ("names_are_those_of_a_host", {"dnsPrefix": "x" * 55}),
        ("names_are_not_trademarks", {"resourceName": "aks-windows"}),
        ("names_are_not_trademarks", {"resourceName": "login-aks"}),
        (
            "a_private_cluster_has_no_authorized_ranges",
            {"apiServerAccessProfile": {**PRIVATE, "authorizedIPRanges": ["203.0.113.0/24"]}},
        ),
        (
            "nobody_and_somebody_are_not_authorized_together",
            {"apiServerAccessProfile": {"authorizedIPRanges": ["0.0.0.0/32", "203.0.113.0/24"]}},
        ),
        (
            "the_zone_is_known_and_the_cluster_private",
            {"apiServerAccessProfile": {"privateDNSZone": "system"}},
        ),
        (
            "the_zone_is_known_and_the_cluster_private",
            {"apiServerAccessProfile": {**PRIVATE, "privateDNSZone": "own"}},
        ),
        (
            "the_api_server_has_some_name",
            {
                "apiServerAccessProfile": {
                    **PRIVATE,
                    "privateDNSZone": "none",
                    "enablePrivateClusterPublicFQDN": False,
                }
            },
        ),
        ("a_subdomain_goes_with_a_custom_zone", {"fqdnSubdomain": "aks"}),
        ("without_local_accounts_entra_signs_in", {"disableLocalAccounts": True}),
        ("entra_needs_kubernetes_rbac", {"aadProfile": {"managed": True}, "enableRBAC": False}),
        (
            "workload_identity_needs_an_issuer",
            {"securityProfile": {"workloadIdentity": {"enabled": True}}},
        ),
        (
            "the_node_image_channel_updates_node_images",
            {
                "autoUpgradeProfile": {
                    "upgradeChannel": "node-image",
                    "nodeOSUpgradeChannel": "SecurityPatch",
                }
            },
        ),
        ("app_routing_has_at_most_five_zones", routing(*(zone(f"z{n}") for n in range(6)))),
        ("app_routing_has_at_most_five_zones", routing(zone("a"), zone("b", "rg-h"))),
        ("the_gateway_is_named_or_made", gateway()),
        ("the_gateway_is_named_or_made", gateway(applicationGatewayName="a")),
        ("a_new_gateway_has_one_subnet", gateway(subnetCIDR="10.0.64.0/24", subnetId="s")),
        (
            "an_existing_gateway_has_its_subnet",
            gateway(applicationGatewayId=GATEWAY, subnetCIDR="10.0.64.0/24"),
        ),
        (
            "container_insights_has_a_workspace",
            {"addonProfiles": {"omsagent": {"enabled": True, "config": {}}}},
        ),
    ],
)
def test_a_cluster_is_refused(land, rule, changes):
    assert land.refused(**changes).code == code_of(rule)


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
