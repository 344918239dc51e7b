"""Public and private DNS zones, their records and links."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.azure.cloud import Cloud
from simulator.azure.namespaces import dns_limits
from tests.simulator.landscape import ref

ZONE, RECORD = "dns:Zone", "dns:RecordSet"
PRIVATE, LINK, PRIVATE_RECORD = (
    "privatedns:PrivateZone",
    "privatedns:VirtualNetworkLink",
    "privatedns:PrivateRecordSet",
)


@pytest.mark.parametrize(
    "name", ["com", "a..com", "-a.com", f"{'a' * 64}.com", ".".join("a" * 35), "a.com."]
)
def test_a_zone_that_is_no_domain_name_is_refused(azure, name):
    assert azure.refused(ZONE, zoneName=name, location="global").code == "BadRequest"
    error = azure.refused(PRIVATE, privateZoneName=name, location="global")
    assert "not a valid DNS zone name" in error.message


@pytest.fixture
def zone(azure) -> Any:
    return azure.put(ZONE, zoneName="example.com", location="global")


def record(name: str, kind: str = "A", **more: Any) -> dict[str, Any]:
    path = {"zoneName": "example.com", "relativeRecordSetName": name, "recordType": kind}
    return {"token": RECORD, **path, "ttl": 300, **more}


@pytest.mark.usefixtures("zone")
@pytest.mark.parametrize("name", ["a b", "-a", "a..b", "b.*"])
def test_a_record_that_has_no_domain_name_is_refused(azure, name):
    assert "not a valid record set name" in azure.refused(**record(name)).message


@pytest.mark.usefixtures("zone")
@pytest.mark.parametrize("name", ["@", "*", "*.shop", "_acme-challenge.shop", "a.b"])
def test_records_at_the_edge_of_what_is_allowed_are_accepted(azure, name):
    assert azure.put(**record(name, "TXT"))


@pytest.mark.usefixtures("zone")
def test_a_record_of_an_unknown_type_is_refused(azure):
    assert azure.refused(**record("a", "ANAME")).target == "recordType"


@pytest.mark.usefixtures("zone")
def test_an_alias_with_records_is_refused(azure):
    given = {"targetResource": ref(azure.address()), "aRecords": [{"ipv4Address": "192.0.2.1"}]}
    assert "cannot be an alias and have records" in azure.refused(**record("a", **given)).message


@pytest.mark.usefixtures("zone")
def test_an_alias_of_what_its_type_cannot_hold_is_refused(azure):
    address, network = azure.address(), azure.network()
    for kind, target in (("CNAME", address), ("A", network), ("TXT", address)):
        error = azure.refused(**record("a", kind, targetResource=ref(target)))
        assert (error.code, error.target) == ("BadRequest", "targetResource")


@pytest.mark.usefixtures("zone")
def test_an_alias_of_nothing_is_refused(azure):
    missing = azure.address().id.replace("/pip", "/none")
    error = azure.refused(**record("a", targetResource={"id": missing}))
    assert error.code == "ResourceNotFound"


@pytest.mark.usefixtures("zone")
def test_an_address_has_at_most_twenty_aliases(azure):
    target = ref(azure.address())
    for number in range(20):
        azure.put(**record(f"a{number}", targetResource=target))
    error = azure.refused(**record("b", targetResource=target))
    assert (error.code, error.target) == ("BadRequest", "targetResource")
    assert "at most 20 alias" in error.message
    assert azure.put(**record("a0", targetResource=target))
    assert azure.put(**record("b", targetResource=ref(azure.address("other"))))
    assert azure.put(**record("c", aRecords=[{"ipv4Address": "192.0.2.1"}]))


@pytest.mark.usefixtures("zone")
def test_an_alias_of_what_is_deleted_becomes_empty(azure):
    address = azure.address()
    alias = azure.put(**record("a", targetResource=ref(address)))
    assert alias.outputs["targetResource"] == ref(address)
    azure.cloud.delete(address.id)
    left = azure.cloud.get(alias.id)
    assert left.outputs["targetResource"] == {}
    assert "targetResource" not in left.inputs


@pytest.mark.usefixtures("zone")
def test_a_canonical_name_stands_alone(azure):
    assert "at the zone itself" in azure.refused(**record("@", "CNAME")).message
    azure.put(**record("www"))
    assert "cannot be beside it" in azure.refused(**record("www", "CNAME")).message
    azure.put(**record("shop", "CNAME"))
    assert "cannot be beside it" in azure.refused(**record("shop", "TXT")).message


def private(azure: Any, name: str = "a.internal") -> Any:
    return azure.put(PRIVATE, privateZoneName=name, location="global")


def link(network: Any, zone: str = "a.internal", **more: Any) -> dict[str, Any]:
    path = {"privateZoneName": zone, "virtualNetworkLinkName": "link", "location": "global"}
    return {"token": LINK, **path, "virtualNetwork": ref(network), **more}


def test_a_network_registers_its_machines_in_one_zone(azure):
    network = azure.network()
    private(azure)
    private(azure, "b.internal")
    azure.put(**link(network, registrationEnabled=True))
    assert azure.put(**link(network, "b.internal", registrationEnabled=False))
    error = azure.refused(**link(network, "b.internal", registrationEnabled=True))
    assert (error.status, error.code) == (409, "Conflict")


def in_another_subscription(azure: Any, name: str, network: Any) -> None:
    """Another team's zone, linked to a network of this subscription."""
    other = Cloud(azure.cloud.store, subscription="33333333-3333-4333-8333-333333333333")
    group = {"resourceGroupName": "rg-dns", "location": "global"}
    other.put("resources:ResourceGroup", {**group, "location": "westeurope"})
    other.put(PRIVATE, {**group, "privateZoneName": name})
    inputs = link(network, name, **group)
    other.put(inputs.pop("token"), inputs)


@pytest.mark.parametrize("name", ["a.internal", "A.internal"])
def test_a_network_is_linked_to_one_zone_of_a_name_whoever_owns_it(azure, name):
    """Rule: a_network_is_linked_to_one_zone_of_a_name."""
    network = azure.network()
    in_another_subscription(azure, name, network)
    private(azure)
    error = azure.refused(**link(network))
    assert (error.status, error.code, error.target) == (400, "BadRequest", "virtualNetwork")
    assert "cannot be linked to multiple zones with overlapping namespaces" in error.message
    assert azure.put(**link(azure.network("other", "10.1.0.0/16")))


def test_a_deleted_network_takes_its_links_with_it(azure):
    """Source: azure/dns/private-dns-virtual-network-links."""
    network = azure.network()
    in_another_subscription(azure, "a.internal", network)
    azure.cloud.delete(network.id)
    assert azure.cloud.store.of_type(LINK) == []
    assert azure.cloud.store.of_type(PRIVATE)


def test_a_zone_and_its_subdomain_do_not_overlap(azure):
    network = azure.network()
    in_another_subscription(azure, "internal.example", network)
    private(azure, "a.internal.example")
    assert azure.put(**link(network, "a.internal.example"))


def counted(azure: Any, token: str, scope: str, number: int) -> dict[str, Any]:
    """The inputs of a resource that counts in the scope together with those of other numbers."""
    name = f"n{number}"
    if token == ZONE:
        return {"token": token, "zoneName": f"{name}.com", "location": "global"}
    if token == PRIVATE:
        return {"token": token, "privateZoneName": f"{name}.internal", "location": "global"}
    if token == RECORD:
        return record(name)
    if token == PRIVATE_RECORD:
        path = {"privateZoneName": "a.internal", "relativeRecordSetName": name}
        return {"token": token, "recordType": "A", **path}
    network = azure.network("vnet" if scope == "virtual network" else name, f"10.{number}.0.0/16")
    zone = f"{name}.internal" if scope == "virtual network" else "a.internal"
    private(azure, zone)
    registers = scope == "zone with registration"
    named = {"virtualNetworkLinkName": name, "registrationEnabled": registers}
    return {**link(network, zone), **named}


@pytest.mark.usefixtures("zone")
@pytest.mark.parametrize(("token", "scope"), list(dns_limits.MOST))
def test_one_more_than_the_limit_is_refused(azure, monkeypatch, token, scope):
    if token == PRIVATE_RECORD:
        private(azure)
    made = len(azure.cloud.store.of_type(token)) if scope == "subscription" else 0
    monkeypatch.setitem(dns_limits.MOST, (token, scope), made + 2)
    for number in (1, 2):
        azure.put(**counted(azure, token, scope, number))
    error = azure.refused(**counted(azure, token, scope, 3))
    assert error.code == "BadRequest"
    assert f"A {scope} can have at most {made + 2} resources" in error.message
    azure.put(**counted(azure, token, scope, 2))  # An update adds nothing.


@pytest.mark.usefixtures("zone")
def test_a_record_set_has_at_most_twenty_records(azure):
    addresses = [{"ipv4Address": f"192.0.2.{number}"} for number in range(21)]
    assert azure.put(**record("a", aRecords=addresses[:20]))
    assert azure.refused(**record("a", aRecords=addresses)).target == "aRecords"


def test_a_link_keeps_its_network(azure):
    private(azure)
    azure.put(**link(azure.network(), registrationEnabled=False))
    other = azure.network("other", "10.1.0.0/16")
    error = azure.refused(**link(other, registrationEnabled=False))
    assert error.target == "virtualNetwork"


def test_a_zone_with_links_stays_unless_its_group_goes(azure):
    zone = private(azure)
    made = azure.put(**link(azure.network(), registrationEnabled=False))
    error = azure.delete_refused(zone)
    assert (error.status, error.code) == (409, "CannotDeleteResource")
    azure.cloud.delete(made.id)
    azure.cloud.delete(zone.id)
    private(azure)
    azure.put(**link(azure.network(), registrationEnabled=False))
    azure.cloud.delete(zone.id.split("/providers/")[0])
    assert azure.cloud.get(zone.id) is None


def test_a_private_zone_has_no_name_server_records(azure):
    private(azure)
    path = {"privateZoneName": "a.internal", "relativeRecordSetName": "x"}
    assert azure.refused(PRIVATE_RECORD, recordType="NS", **path).target == "recordType"
    assert azure.put(PRIVATE_RECORD, recordType="A", **path)
