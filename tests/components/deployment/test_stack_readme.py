"""The page of a stack in Pulumi Cloud."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any
from unittest import mock

import pytest

from cli import stack_file
from cli.simulated.fixture import fixture_of
from cli.stack_readme import fill
from components.deployment.stack_readme import stack_readme
from components.settings.load import Configuration, configuration
from tests.helpers.loops import each
from tests.helpers.stacks import ROOT, configuration_of, run_program

TEMPLATE = (ROOT / "Pulumi.README.md").read_text()
STACKS = ("dev", "prod", "vpn", "firewall", "byo-hub")


@dataclass(frozen=True)
class Exports:
    outputs: dict[str, Any]

    @property
    def page(self) -> str:
        return self.outputs["readme"]


@functools.cache
def exports(stack: str) -> Exports:
    """What the program exports for a stack or an example."""
    file = stack_file.committed_file(stack, ROOT)
    outputs: dict[str, Any] = {}
    with mock.patch("pulumi.export", outputs.__setitem__):
        run_program(stack_file.config_with_placeholders(file), seed=fixture_of(file))
    return Exports(outputs)


@functools.cache
def checked(stack: str) -> Configuration:
    return configuration(configuration_of(stack))


@pytest.mark.parametrize("stack", STACKS)
def test_every_placeholder_names_an_output_of_the_stack(stack: str):
    names = re.findall(r"\$\{outputs\.(\w+)", exports(stack).page)
    assert len(names) >= 4
    assert set(names) <= set(exports(stack).outputs)


def test_every_placeholder_of_the_template_is_an_output_of_some_stack():
    known = {name for stack in STACKS for name in exports(stack).outputs}
    # A choice of ingress controller that no stack here makes.
    known |= {"ingressHost"}
    assert set(re.findall(r"\$\{outputs\.(\w+)", TEMPLATE)) <= known


@pytest.mark.parametrize("stack", STACKS)
def test_no_mark_of_the_template_is_left_on_the_page(stack: str):
    assert "<!--" not in exports(stack).page


def test_the_page_shows_how_to_reach_this_stacks_cluster():
    dev, prod = exports("dev").page, exports("prod").page
    assert "The API server is public" in dev
    assert "in the portal" in dev
    assert "az aks bastion tunnel" not in dev
    assert "The API server is private" in prod
    assert "az aks bastion tunnel" in prod
    assert "az network bastion ssh" in prod


def test_a_stack_with_an_existing_management_network_names_no_bastion():
    page = exports("byo-hub").page
    assert "belong to the team that owns the network" in page
    assert "bastionName" not in page


def test_the_page_has_every_subnet_with_its_headroom():
    page = exports("prod").page
    for row in each(exports("prod").outputs["addressPlan"]):
        assert f"| {row['subnet']} | `{row['prefix']}` |" in page
        assert f"| {row['headroom']:,} |" in page


def test_the_page_says_what_retires_when():
    page = exports("kubenet").page
    assert "- kubenet retires on 2028-03-31; migrate to Azure CNI overlay" in page


def test_each_egress_address_has_a_placeholder():
    page = exports("prod").page
    assert "`${outputs.egressAddresses[0]}`, `${outputs.egressAddresses[1]}`" in page


def test_a_placeholder_without_its_output_is_refused_by_name():
    with pytest.raises(ValueError, match="the stack has no output nothing"):
        stack_readme("${outputs.nothing}", {}, checked("dev"))


def test_a_section_stays_only_if_the_stack_has_all_that_it_names():
    template = (
        "<!-- with a publicApiServer -->\nkept\n<!-- end -->\n<!-- with a b -->\nx\n<!-- end -->\n"
    )
    assert stack_readme(template, {"a": 1, "b": []}, checked("dev")) == "kept\n"


def test_outputs_take_the_place_of_placeholders_with_properties_and_indexes():
    outputs = {"name": "one", "list": [{"id": "x"}], "number": 4}
    page = "${outputs.name} ${outputs.list[0].id} ${outputs.number} ${other}"
    assert fill(page, outputs) == "one x 4 ${other}"
