"""The API server and the vault: who reaches them, and by which name."""

from __future__ import annotations

import pytest

from tests.analysis.reachability.changes import API, GATEWAY, NODES, after, nested, put
from tests.analysis.reachability.states import (
    Resources,
    matrix_of,
    matrix_without,
    named,
    passes,
)


def test_authorized_ranges_close_the_api_server_to_everybody_else():
    ranges = nested("ManagedCluster", "", apiServerAccessProfile={
        "authorizedIPRanges": ["198.51.100.0/24"]
    })  # fmt: skip
    matrix = after("dev", ranges)
    assert passes(matrix, "Internet", API) == "tcp 443 from 198.51.100.0/24"
    assert passes(matrix, NODES, API) == "none", "the NAT gateway's address is not among them"


def test_authorized_ranges_hold_the_load_balancer_of_aks_by_themselves():
    ranges = nested("ManagedCluster", "", apiServerAccessProfile={
        "authorizedIPRanges": ["198.51.100.0/24"]
    })  # fmt: skip
    balancer = nested("ManagedCluster", "", "networkProfile", outboundType="loadBalancer")
    without_nat = put("Subnet", "-nodes", natGateway=None)
    assert passes(after("dev", ranges, balancer, without_nat), NODES, API) == "tcp 443"


def test_authorized_ranges_with_the_nat_gateways_address_allow_the_nodes():
    def ranges(resources: Resources) -> None:
        nat = named(resources, "PublicIPAddress", "-nodes-nat1")["outputs"]["ipAddress"]
        cluster = named(resources, "ManagedCluster", "")
        cluster["outputs"]["apiServerAccessProfile"]["authorizedIPRanges"] = [f"{nat}/32"]

    assert passes(after("dev", ranges), NODES, API) == "tcp 443"


@pytest.mark.parametrize(("link", "source"), [("-management", "jump box"), ("-cluster", NODES)])
def test_a_private_api_server_is_reached_only_where_its_name_resolves(link: str, source: str):
    def unlink(resources: Resources) -> None:
        resources[:] = [
            item
            for item in resources
            if not (
                item["type"].endswith(":VirtualNetworkLink")
                and ".azmk8s.io/" in item["id"]
                and item["id"].endswith(link)
            )
        ]

    assert passes(after("prod"), source, API) == "tcp 443"
    matrix = after("prod", unlink)
    assert passes(matrix, source, API) == "none"
    assert "does not resolve" in matrix.between(source, API).denied[0].reasons[-1]


@pytest.mark.parametrize("stack", ["prod", "vnet-api"])
def test_a_tunnel_through_bastion_reaches_a_private_api_server(stack: str):
    assert passes(matrix_of(stack), "Bastion", API) == "tcp 443"
    without = matrix_without(stack, "bastion: AllowApiServerOutbound")
    assert passes(without, "Bastion", API) == "none"


def test_a_tunnel_reaches_an_integrated_api_server_only_if_its_own_group_lets_bastion_in():
    def close(resources: Resources) -> None:
        group = named(resources, "NetworkSecurityGroup", "-apiserver")["outputs"]
        bastion = named(resources, "Subnet", "AzureBastionSubnet")["outputs"]["addressPrefix"]
        for rule in group["securityRules"]:
            if bastion in rule.get("sourceAddressPrefixes", ()):
                rule["sourceAddressPrefixes"].remove(bastion)

    assert passes(after("vnet-api", close), "Bastion", API) == "none"


def test_a_zone_of_another_team_may_resolve_and_the_reason_says_so():
    matrix = after("byo-hub")
    assert passes(matrix, NODES, "key vault") == "tcp 443"
    (flow,) = matrix.between(NODES, "key vault").direct
    zone = "privatelink.vaultcore.azure.net"
    assert f"if its name resolves: another team owns the zone {zone}" in flow.reasons
    (flow,) = matrix.between(NODES, API).direct
    assert not [reason for reason in flow.reasons if "resolves" in reason], "AKS links this one"


def test_a_guarded_private_endpoint_listens_to_the_group_of_its_subnet():
    """Azure applies security groups to private endpoints only where the subnet says so."""
    guarded = put("Subnet", "-nodes", privateEndpointNetworkPolicies="NetworkSecurityGroupEnabled")
    assert passes(after("prod"), GATEWAY, API) == "tcp 443"
    assert passes(after("prod", guarded), "jump box", API) == "none"
    assert passes(after("prod", guarded), NODES, API) == "tcp 443"


def test_an_api_server_in_the_network_has_a_public_address_besides_unless_the_cluster_is_private():
    def access(**values: object) -> str:
        profile = nested("ManagedCluster", "", "apiServerAccessProfile", **values)
        return passes(after("vnet-api", profile), "Internet", API)

    assert access(enablePrivateCluster=True) == "none"
    assert access(enablePrivateCluster=False) == "tcp 443"
    named_only = access(enablePrivateCluster=False, authorizedIPRanges=["198.51.100.0/24"])
    assert named_only == "tcp 443 from 198.51.100.0/24"


def test_a_vault_without_its_zone_group_is_not_found():
    def ungroup(resources: Resources) -> None:
        resources[:] = [r for r in resources if not r["type"].endswith(":PrivateDnsZoneGroup")]

    assert passes(after("dev", ungroup), NODES, "key vault") == "none"


def test_a_public_vault_is_everybodys():
    public = nested("Vault", "", "properties", publicNetworkAccess="enabled", networkAcls={
        "defaultAction": "Allow"
    })  # fmt: skip
    assert passes(after("dev", public), "Internet", "key vault") == "tcp 443"
    guarded = nested("Vault", "", "properties", publicNetworkAccess="enabled", networkAcls={
        "defaultAction": "Deny", "ipRules": [{"value": "198.51.100.7"}]
    })  # fmt: skip
    assert passes(after("dev", guarded), "Internet", "key vault") == "tcp 443 from 198.51.100.7"
