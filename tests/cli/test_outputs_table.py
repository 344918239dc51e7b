from __future__ import annotations

from cli import outputs_table


def test_outputs_are_shown_a_value_a_line():
    text = outputs_table.render(
        {"ids": {"b": "/x", "a": [1, True]}, "address": "10.0.0.4", "none": []}
    )
    assert text.splitlines() == [
        "Outputs",
        "  address   10.0.0.4",
        "  ids.b     /x",
        "  ids.a[0]  1",
        "  ids.a[1]  true",
        "  none      []",
    ]


def test_the_address_plan_is_a_table_with_its_figures_to_the_right():
    subnet = {"vnet": "cluster", "usable": 251, "required": 10, "headroom": 241}
    plan = [
        {**subnet, "subnet": "nodes", "prefix": "10.20.0.0/17", "usable": 32763},
        {**subnet, "subnet": "ingress", "prefix": "10.20.195.0/24"},
    ]
    assert outputs_table.render({"addressPlan": plan}).splitlines() == [
        "Outputs",
        "",
        "Address plan",
        "  vnet     subnet   prefix          usable  required  headroom",
        "  cluster  nodes    10.20.0.0/17     32763        10       241",
        "  cluster  ingress  10.20.195.0/24     251        10       241",
    ]
