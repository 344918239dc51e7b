"""Sections with faults: what is valid can be read, the rest can't, and rules pass over it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from components.problems import Problem
from components.settings.cluster import ClusterSettings, NodePool
from components.settings.ingress import GatewayWaf, IngressSettings
from components.settings.management import ManagementSettings, VpnGateway
from components.settings.network import NetworkSettings
from components.settings.partial import read_partially, readable, skips_unreadable
from components.settings.stack import MODELS, SECTIONS
from components.settings.values import UnreadableSettingError
from tests.helpers import broken
from tests.helpers.stacks import STACKS

POOL = {"name": "system", "mode": "System", "vmSize": "Standard_D4ds_v5", "minCount": 1}


def unreadable(section: Any) -> set[str]:
    """The fields that can't be read."""
    return {name for name in type(section).model_fields if not _can_be_read(section, name)}


def _can_be_read(section: Any, name: str) -> bool:
    try:
        getattr(section, name)
    except UnreadableSettingError:
        return False
    return True


def test_a_setting_that_is_valid_keeps_its_value_beside_one_that_is_not():
    network = read_partially(NetworkSettings, {"addressSpace": 7, "policy": "calico"})
    assert unreadable(network) == {"address_space"}
    assert network.policy == "calico"
    assert network.service_cidr == "10.100.0.0/16", "its default"


def test_a_fault_in_an_object_leaves_the_rest_of_the_object():
    data = {"addressSpace": "10.30.0.0/24", "bastion": {"sku": "Gold", "scaleUnits": 5}}
    management = read_partially(ManagementSettings, data)
    assert unreadable(management) == set()
    assert unreadable(management.bastion) == {"sku"}
    assert management.bastion.scale_units == 5


def test_an_entry_with_a_fault_leaves_the_other_entries_and_the_rest_of_it():
    data = {"nodePools": [POOL | {"maxCount": 3}, POOL | {"maxCount": "3"}, "a pool"]}
    first, second, third = read_partially(ClusterSettings, data).node_pools
    assert unreadable(first) == set()
    assert unreadable(second) == {"max_count"}
    assert unreadable(third) == set(NodePool.model_fields)


@pytest.mark.parametrize("space", [["10.20.0.0/16", "x"], [], 7, None])
def test_a_list_of_plain_values_is_read_as_a_whole_or_not_at_all(space: Any):
    assert "address_space" in unreadable(read_partially(NetworkSettings, {"addressSpace": space}))


def test_one_of_several_kinds_is_read_as_the_kind_that_it_says():
    gateway = read_partially(ManagementSettings, {"gateway": {"kind": "vpn", "sku": 1}}).gateway
    assert isinstance(gateway, VpnGateway)
    assert unreadable(gateway) == {"sku", "site", "shared_key"}
    waf = read_partially(IngressSettings, {"waf": {"mode": "Off", "maxCapacity": 9}}).waf
    assert isinstance(waf, GatewayWaf)
    assert unreadable(waf) == {"mode"}
    nobodys = read_partially(ManagementSettings, {"gateway": {"kind": "tunnel"}})
    assert "gateway" in unreadable(nobodys)


def test_what_a_misspelt_setting_would_be_is_not_known():
    network = read_partially(NetworkSettings, {"dataplan": "azure", "colour": "blue"})
    assert unreadable(network) == {"dataplane", "address_space"}


def test_it_is_known_which_settings_are_given_readable_or_not():
    waf = read_partially(GatewayWaf, {"mode": "Off", "zones": ["1"]})
    assert waf.model_fields_set == {"mode", "zones"}


def test_a_property_can_be_read_where_all_that_it_reads_can():
    data = {"nodePools": [POOL | {"maxCount": 3, "os": "Windows"}, POOL | {"os": "Plan9"}]}
    assert read_partially(ClusterSettings, data).has_windows
    data["nodePools"].reverse()
    with pytest.raises(UnreadableSettingError):
        _ = read_partially(ClusterSettings, data).has_windows


def test_what_is_no_setting_is_no_attribute():
    with pytest.raises(AttributeError):
        _ = read_partially(NetworkSettings, {}).colour  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("section", SECTIONS)
def test_an_accepted_section_is_read_as_pydantic_reads_it(stack: str, section: str):
    data = broken.base(stack).get(f"aks-network:{section}", {})
    model = MODELS[section]
    with_fault = data | {"colour": "blue"}
    with pytest.raises(ValidationError):
        model.model_validate_json(json.dumps(with_fault))
    assert read_partially(model, with_fault) == model.model_validate_json(json.dumps(data))


def test_a_rule_keeps_what_it_said_before_it_met_an_unreadable_setting():
    first, second = Problem("a", "", "b", "c"), Problem("d", "", "e", "f")

    @skips_unreadable
    def inner(network: NetworkSettings) -> Iterator[Problem]:
        yield first
        if network.address_space:
            yield Problem("never", "", "", "")

    @skips_unreadable
    def outer(network: NetworkSettings) -> Iterator[Problem]:
        yield from inner(network)
        yield second

    assert list(outer(read_partially(NetworkSettings, {}))) == [first, second]


def test_of_several_sections_those_count_that_can_be_read():
    data = {"nodePools": [POOL | {"name": "one"}, POOL | {"name": "2"}, POOL | {"name": "three"}]}
    pools = read_partially(ClusterSettings, data).node_pools
    assert list(readable(lambda pool: pool.name, pools)) == [(0, "one"), (2, "three")]
