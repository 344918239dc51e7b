"""The fixed slots: within their range, apart from each other, untouched by appended ranges."""

from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.addressing import NetworkModel
from components.addressing.azure import SUBNET_DEFINITIONS
from components.addressing.subnet_layout import slots, smallest_first_range
from tests.helpers.loops import each
from tests.helpers.thoroughness import examples

LONGEST_PREFIX = dict.fromkeys(NetworkModel, 29) | {NetworkModel.POD_SUBNET: 27}
"""The smallest range that a model's cluster network fits into."""
SIDES = [("management", NetworkModel.OVERLAY), *(("cluster", model) for model in NetworkModel)]
WITH_ROOM = [
    (vnet, model, length) for vnet, model in SIDES for length in range(8, LONGEST_PREFIX[model] + 1)
]


def ranges(lengths):
    """A range of each length, each in a /8 of its own."""
    return [IPv4Network((index << 24, length)) for index, length in enumerate(lengths, start=11)]


@pytest.mark.parametrize(("vnet", "model", "length"), WITH_ROOM)
def test_slots_lie_in_their_range_and_apart(vnet, model, length):
    space = ranges([length])
    found = slots(vnet, model, space)
    assert all(slot.subnet_of(space[0]) for slot in each(found.values()))
    for (one, first), (other, second) in combinations(found.items(), 2):
        assert not first.overlaps(second), f"{one} and {other}"


@pytest.mark.parametrize(("vnet", "model", "length"), WITH_ROOM)
def test_no_slot_is_smaller_than_azure_accepts(vnet, model, length):
    for key, slot in each(slots(vnet, model, ranges([length])).items()):
        definition = SUBNET_DEFINITIONS.get(key) or SUBNET_DEFINITIONS[key.partition("-")[0]]
        assert slot.prefixlen <= definition.minimum, key


@pytest.mark.parametrize("length", range(8, 30))
def test_nodes_or_their_pods_have_the_largest_share(length):
    by_model = {model: slots("cluster", model, ranges([length])) for model in NetworkModel}
    # A range that is too small for the model has no slots at all.
    with_room = {model: found for model, found in by_model.items() if found}
    assert set(with_room) == {model for model in NetworkModel if length <= LONGEST_PREFIX[model]}
    for model, found in with_room.items():
        largest = max(found.items(), key=lambda item: item[1].num_addresses)[0]
        assert largest == ("pods" if model is NetworkModel.POD_SUBNET else "nodes")


@given(
    st.sampled_from(SIDES),
    st.lists(st.integers(8, 29), min_size=1, max_size=4),
    st.integers(8, 29),
)
@settings(max_examples=examples(150), deadline=None)
def test_an_appended_range_moves_no_slot(side, lengths, appended):
    vnet, model = side
    before = slots(vnet, model, ranges(lengths))
    after = slots(vnet, model, ranges([*lengths, appended]))
    assert before.items() <= after.items()
    for first, second in combinations(after.values(), 2):
        assert not first.overlaps(second)


def test_a_24_management_network_has_room_for_every_subnet():
    found = slots("management", NetworkModel.OVERLAY, [IPv4Network("10.30.0.0/24")])
    assert {key: slot.prefixlen for key, slot in found.items()} == {
        "bastion": 26,
        "firewall": 26,
        "firewallManagement": 26,
        "gateway": 27,
        "jumpBox": 28,
        "dnsResolver": 28,
    }


@pytest.mark.parametrize(
    ("vnet", "key", "length"),
    [
        ("cluster", "trafficController", 21),
        ("cluster", "applicationGateway", 25),
        ("cluster", "privateEndpoints", 24),
        ("management", "bastion", 25),
        ("management", "firewall", 24),
        ("management", "gateway", 26),
    ],
)
def test_it_is_known_from_which_size_on_a_subnet_has_a_slot(vnet, key, length):
    assert smallest_first_range(vnet, NetworkModel.OVERLAY, key) == length
    assert key in slots(vnet, NetworkModel.OVERLAY, ranges([length]))
    assert key not in slots(vnet, NetworkModel.OVERLAY, ranges([length + 1]))


def test_an_application_gateway_has_a_24_where_there_is_room():
    for model in NetworkModel:
        for length in range(8, 23):
            found = slots("cluster", model, ranges([length]))
            assert found["applicationGateway"].prefixlen == 24


def test_a_further_node_subnet_follows_in_each_appended_range():
    space = [IPv4Network(text) for text in ("10.20.0.0/16", "10.21.0.0/16", "10.22.0.0/20")]
    found = slots("cluster", NetworkModel.AZURE_CNI, space)
    assert {key: str(slot) for key, slot in found.items() if key.startswith("nodes")} == {
        "nodes": "10.20.0.0/17",
        "nodes-2": "10.20.128.0/18",
        "nodes-3": "10.21.0.0/16",
        "nodes-4": "10.22.0.0/20",
    }
