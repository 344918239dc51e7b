"""Azure names: always within a type's length, always the same, never shared."""

import re
import uuid

from hypothesis import assume, given
from hypothesis import strategies as st

from components.azure.naming import Names, of_host

stems = st.from_regex(r"[a-z][a-z0-9-]{0,10}[a-z0-9]", fullmatch=True)
parts = st.lists(st.from_regex(r"[a-z][a-z0-9-]{0,40}", fullmatch=True), max_size=3)
labels = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True)
hosts = st.lists(labels, min_size=2, max_size=4).map(".".join)
types = st.sampled_from(["rg", "vnet", "snet", "nsg", "pip", "aks", "afw", "agw", "id"])


@given(stems, stems, types, parts)
def test_a_name_is_within_its_types_length(
    workload: str, environment: str, kind: str, rest: list[str]
):
    name = Names(workload, environment, "southeastasia").of(kind, *rest)
    longest = {"rg": 63, "vnet": 63, "snet": 63, "aks": 63, "afw": 56, "id": 128}.get(kind, 80)
    assert len(name) <= longest
    assert name == name.lower()
    assert name[0].isalnum()


@given(types, parts, parts)
def test_different_parts_make_different_names(kind: str, one: list[str], other: list[str]):
    assume("-".join(one) != "-".join(other))
    names = Names("shop", "dev", "westeurope")
    assert names.of(kind, *one) != names.of(kind, *other)


def test_a_names_shape_follows_the_cloud_adoption_framework():
    assert Names("shop", "dev", "westeurope").of("nsg", "nodes") == "nsg-shop-dev-westeurope-nodes"


def test_guids_are_the_same_for_the_same_parts_only():
    names = Names("shop", "dev", "westeurope")
    assert uuid.UUID(names.guid("a", "b"))
    assert names.guid("a", "b") == names.guid("a", "b")
    assert names.guid("a", "b") != names.guid("a", "c")
    assert names.guid("a") != Names("shop", "prod", "westeurope").guid("a")


@given(stems, stems, st.uuids())
def test_a_globally_unique_name_is_letters_and_digits(
    workload: str, environment: str, subscription: uuid.UUID
):
    names = Names(workload, environment, "southeastasia")
    assert re.fullmatch(r"[a-z0-9]{3,24}", names.globally_unique("st", str(subscription)))


def test_a_globally_unique_name_differs_wherever_the_deployment_does():
    one, other = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))
    made = {
        Names("shop", "dev", "westeurope").globally_unique("st", one),
        Names("shop", "dev", "westeurope").globally_unique("st", other),
        Names("shop", "dev", "northeurope").globally_unique("st", one),
        Names("sho", "pdev", "westeurope").globally_unique("st", one),
        Names("sh-op", "dev", "westeurope").globally_unique("st", one),
    }
    assert len(made) == 5
    assert Names("shop", "dev", "westeurope").globally_unique("st", one) in made


@given(hosts)
def test_a_hosts_name_is_a_label(host: str):
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", of_host(host))


@given(hosts, hosts)
def test_different_hosts_make_different_names(one: str, other: str):
    assert (of_host(one) == of_host(other)) == (one == other)


@given(hosts, st.integers(12, 80))
def test_a_hosts_name_is_as_long_as_there_is_room(host: str, room: int):
    shortened = of_host(host, room)
    assert len(shortened) <= room
    assert (shortened == of_host(host, 1000)) == (len(of_host(host, 1000)) <= room)


def test_dots_and_hyphens_of_hosts_give_different_names():
    assert of_host("shop.example.com") == "shop-example-com"
    assert len({of_host(host) for host in ("a-b.c", "a.b-c", "a.b.c")}) == 3
