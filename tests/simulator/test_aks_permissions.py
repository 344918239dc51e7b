"""What a cluster's identity must be allowed to do beforehand."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.azure.namespaces.authorization.permissions import allows
from tests.simulator.aks import CUSTOM_ROLE, POOL, Landscape

KUBENET = {"networkPlugin": "kubenet", "networkPluginMode": None}
ZONE_CONTRIBUTOR = "b12aa53e-6015-4669-85d0-8515ebb3ae7f"
OPERATOR = "f1a07417-d97a-45cb-824c-7a7467783830"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
JOIN = "Microsoft.Network/virtualNetworks/subnets/join/action"


@pytest.fixture
def land(azure) -> Landscape:
    return Landscape(azure)


@pytest.mark.parametrize("kind", ["podSubnetID", "subnetId"])
def test_the_role_is_needed_on_pod_and_api_server_subnets_too(land, kind):
    land.revoke()
    land.grant(land.subnet.id)
    other = land.azure.subnet("other", "10.0.16.0/22")
    changes = (
        {"pool": {kind: other.id}, "network": {"networkPluginMode": None, "podCidr": None}}
        if kind == "podSubnetID"
        else {"apiServerAccessProfile": {"enableVnetIntegration": True, kind: other.id}}
    )
    error = land.refused(**changes)
    assert (error.status, error.code) == (403, "LinkedAuthorizationFailed")
    assert other.id in error.message
    land.grant(other.id)
    assert land.make(**changes)


def test_the_role_is_needed_on_the_subnet_of_a_further_pool(land):
    land.revoke()
    land.grant(land.subnet.id)
    land.make()
    other = land.azure.subnet("other", "10.0.16.0/22")
    inputs = land.pool(vnetSubnetID=other.id)
    assert land.azure.refused(POOL, **inputs).code == "LinkedAuthorizationFailed"


@pytest.mark.parametrize(
    ("actions", "without", "allowed"),
    [
        (["Microsoft.Network/virtualNetworks/subnets/*"], [], True),
        (["Microsoft.Network/*/join/action"], [], True),
        (["*"], [], True),
        (["*"], ["Microsoft.Network/virtualNetworks/subnets/join/action"], False),
        (["*"], ["Microsoft.Network/*"], False),
        (["Microsoft.Network/virtualNetworks/*/read"], [], False),
    ],
)
def test_a_custom_role_counts_by_its_actions(land, actions, without, allowed):
    land.revoke()
    land.azure.put(
        "authorization:RoleDefinition",
        scope=f"/subscriptions/{land.azure.cloud.subscription}",
        roleDefinitionId=CUSTOM_ROLE,
        roleName="join",
        permissions=[{"actions": actions, "notActions": without}],
    )
    land.grant(land.subnet.id, role=CUSTOM_ROLE)
    if allowed:
        assert land.make()
    else:
        assert land.refused().code == "LinkedAuthorizationFailed"


APPLICATION, PRINCIPAL = (
    "6c0b3a2e-0000-4000-8000-00000000000a",
    "6c0b3a2e-0000-4000-8000-00000000000b",
)


@pytest.mark.parametrize(("holder", "allowed"), [(PRINCIPAL, True), (APPLICATION, False)])
def test_a_service_principals_role_counts_by_its_object_id(land, holder, allowed):
    changes = {
        "identity": None,
        "servicePrincipalProfile": {"clientId": APPLICATION, "secret": "s"},
    }
    assert land.refused(**changes).code == "LinkedAuthorizationFailed"
    land.azure.role(land.subnet.id, holder)
    if allowed:
        assert land.make(**changes)
    else:
        assert land.refused(**changes).code == "LinkedAuthorizationFailed"


def test_kubenet_needs_a_role_on_its_route_table(azure):
    table = azure.put("network:RouteTable", routeTableName="rt")
    land = Landscape(azure, routeTable={"id": table.id})
    assert land.refused(network=KUBENET).code == "CustomRouteTableMissingPermission"
    land.grant(table.id)
    assert land.make(network=KUBENET)


def test_a_system_assigned_identity_brings_no_route_table_along(azure):
    table = azure.put("network:RouteTable", routeTableName="rt")
    land = Landscape(azure, routeTable={"id": table.id})
    error = land.refused(network=KUBENET, identity={"type": "SystemAssigned"})
    assert error.code == "CustomRouteTableWithUnsupportedMSIType"


def private(land: Landscape, name: str = "privatelink.westeurope.azmk8s.io") -> dict[str, Any]:
    zone = land.azure.put("privatedns:PrivateZone", privateZoneName=name, location="global")
    access = {"enablePrivateCluster": True, "privateDNSZone": zone.id}
    return {"apiServerAccessProfile": access, "dnsPrefix": None, "fqdnSubdomain": "aks"}


def test_a_custom_zone_needs_a_role_on_it(land):
    changes = private(land)
    zone = changes["apiServerAccessProfile"]["privateDNSZone"]
    assert land.refused(**changes).code == "CustomPrivateDNSZoneMissingPermissionError"
    land.grant(zone, role=ZONE_CONTRIBUTOR)
    assert land.make(**changes)


def link(land: Landscape) -> dict[str, Any]:
    return {
        "token": "privatedns:VirtualNetworkLink",
        "privateZoneName": "privatelink.westeurope.azmk8s.io",
        "virtualNetworkLinkName": "link",
        "location": "global",
        "registrationEnabled": False,
        "virtualNetwork": {"id": land.network.id},
    }


@pytest.mark.parametrize("linked", [True, False])
def test_aks_links_a_custom_zone_that_is_not_linked_yet(land, linked):
    changes = private(land)
    land.grant(changes["apiServerAccessProfile"]["privateDNSZone"], role=ZONE_CONTRIBUTOR)
    if linked:
        land.azure.put(**link(land))
    land.make(**changes)
    links = land.azure.cloud.store.of_type("privatedns:VirtualNetworkLink")
    assert [one.name for one in links] == ["link" if linked else land.network.name]
    if not linked:
        assert land.azure.refused(**link(land)).code == "Conflict"


def test_aks_cannot_link_a_custom_zone_beside_another_of_its_name(land):
    """Rule: a_custom_zone_is_the_only_one_of_its_name."""
    changes = private(land)
    land.grant(changes["apiServerAccessProfile"]["privateDNSZone"], role=ZONE_CONTRIBUTOR)
    central = {"resourceGroupName": "rg-dns"}
    land.azure.put("resources:ResourceGroup", **central)
    name = "privatelink.westeurope.azmk8s.io"
    land.azure.put("privatedns:PrivateZone", privateZoneName=name, location="global", **central)
    land.azure.put(**{**link(land), **central})
    error = land.refused(**changes)
    assert (error.code, error.target) == ("BadRequest", "apiServerAccessProfile.privateDNSZone")
    assert "overlapping namespaces" in error.message


def test_a_custom_zone_needs_a_role_on_the_network_too(land):
    """Rule: the_identity_may_link_its_zone."""
    changes = private(land)
    land.revoke()
    land.grant(land.subnet.id)
    land.grant(changes["apiServerAccessProfile"]["privateDNSZone"], role=ZONE_CONTRIBUTOR)
    error = land.refused(**changes)
    assert error.code == "LinkedAuthorizationFailed"
    assert "virtualNetworks/join/action" in error.message
    land.grant(land.network.id, role=ZONE_CONTRIBUTOR)
    assert land.make(**changes)


def test_a_system_assigned_identity_brings_no_zone_along(land):
    error = land.refused(**private(land), identity={"type": "SystemAssigned"})
    assert error.code == "SystemAssignedIdentityNotSupportedForCustomPrivateDNSZone"


def test_the_cluster_may_assign_the_kubelets_identity(land):
    kubelet = land.azure.identity("id-kubelet")
    profile = {"kubeletidentity": {"resourceId": kubelet.id}}
    assert land.refused(identityProfile=profile).code == (
        "CustomKubeletIdentityMissingPermissionError"
    )
    land.grant(kubelet.id, role=OPERATOR)
    made = land.make(identityProfile=profile)
    assert made.outputs["identityProfile"]["kubeletidentity"]["resourceId"] == kubelet.id
    error = land.refused(identityProfile=profile, identity={"type": "SystemAssigned"})
    assert error.code == "CustomKubeletIdentityOnlySupportedOnUserAssignedMSICluster"


def test_contributor_may_join_but_assign_no_roles(land):
    land.revoke()
    land.grant(land.subnet.id, role=CONTRIBUTOR)
    cloud, principal, scope = land.azure.cloud, land.principal, land.subnet.id
    assert allows(cloud, principal, JOIN, scope)
    write = "Microsoft.Authorization/roleAssignments/write"
    assert not allows(cloud, principal, write, scope)


def test_with_an_identity_and_a_service_principal_the_identity_counts(land):
    both = {"servicePrincipalProfile": {"clientId": APPLICATION, "secret": "s"}}
    assert land.make(**both)


def test_a_service_principal_does_not_make_up_for_the_role_of_an_identity(land):
    land.revoke()
    land.azure.role(land.network.id, PRINCIPAL)
    both = {"servicePrincipalProfile": {"clientId": APPLICATION, "secret": "s"}}
    assert land.refused(**both).code == "LinkedAuthorizationFailed"


def test_the_identities_of_a_map_count_as_those_of_a_list(land):
    identity = {"type": "UserAssigned", "userAssignedIdentities": {land.identity.id: {}}}
    answer = land.make(identity=identity).outputs["identity"]["userAssignedIdentities"]
    assert answer[land.identity.id]["principalId"] == land.principal


def test_the_identities_of_a_map_need_their_roles(land):
    land.revoke()
    identity = {"type": "UserAssigned", "userAssignedIdentities": {land.identity.id: {}}}
    assert land.refused(identity=identity).code == "LinkedAuthorizationFailed"


def test_an_identity_of_a_map_must_exist(land):
    missing = f"{land.identity.id}-missing"
    identity = {"type": "UserAssigned", "userAssignedIdentities": {missing: {}}}
    assert land.refused(identity=identity).code == "ResourceNotFound"


@pytest.mark.parametrize(
    "principal", [None, {"clientId": ""}, {"clientId": "", "secret": "s"}], ids=str
)
@pytest.mark.parametrize("identity", [None, {"type": "None"}], ids=str)
def test_a_cluster_without_identity_and_principal_is_refused(land, identity, principal):
    """Rule: a_cluster_has_an_identity."""
    error = land.refused(identity=identity, servicePrincipalProfile=principal)
    assert (error.code, error.target) == ("InvalidParameter", "servicePrincipalProfile")
