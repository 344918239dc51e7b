"""The address plan and the comparison of network models as text."""

from __future__ import annotations

import pytest

from cli.address_plan import render_comparison, render_plan
from components.addressing import NetworkModel, plan, what_if
from components.addressing.compare import compare
from support.tables import Terminal
from tests.components.addressing.samples import cluster_vnet, full_request, management_vnet, pool


def _widest(text: str) -> int:
    return max(map(len, text.splitlines()))


@pytest.mark.parametrize("model", NetworkModel)
@pytest.mark.parametrize("width", [80, 120])
def test_the_plan_fits_the_terminal_and_has_every_subnet(model: NetworkModel, width: int):
    planned = plan(full_request(model))
    text = render_plan(planned, Terminal(width))
    assert _widest(text) <= width
    for subnet in planned.subnets:
        assert any(
            subnet.key in line and subnet.prefix in line and f"{subnet.usable:,}" in line
            for line in text.splitlines()
        )
    for outlook in what_if(planned):
        assert f"{outlook.most_nodes:,}" in text


def test_the_plan_of_a_huge_network_keeps_its_columns():
    planned = plan(
        full_request(
            cluster=cluster_vnet("10.0.0.0/9"),
            pod_cidr="10.192.0.0/12",
            service_cidr="10.240.0.0/16",
            dns_service_ip="10.240.0.10",
            management=management_vnet("10.250.0.0/24"),
        )
    )
    text = render_plan(planned)
    assert _widest(text) <= 80
    assert "4,194,299" in text


def test_a_long_name_of_a_subnet_is_never_cut():
    name = "a-subnet-with-a-name-that-is-as-long-as-a-name-may-be-and-longer"
    planned = plan(
        full_request(
            pools=(pool(), pool(1, subnet=name)),
            cluster=cluster_vnet("10.20.0.0/15", fixed={name: "10.21.0.0/24"}),
        )
    )
    line = next(line for line in render_plan(planned).splitlines() if line.startswith(name))
    assert "10.21.0.0/24" in line


def test_the_comparison_has_a_column_for_each_model():
    wanted = full_request(
        pools=(pool(), pool(1, os="Windows", max_count=900)), pod_cidr="10.64.0.0/12"
    )
    text = render_comparison(compare(wanted))
    assert _widest("\n".join(text.splitlines()[:40])) <= 80
    assert "2028-03-31" in text
    assert "kubenet: os must be Linux" in text
