"""`make readme`: the stack's page with its outputs."""

from __future__ import annotations

import pytest

from cli.console import Failure
from cli.stack_readme import fill


def test_outputs_replace_their_references():
    outputs = {"name": "shop", "ids": {"vnet": "/v"}, "zones": ["1", "2"]}
    page = "${outputs.name} ${outputs.ids.vnet} ${outputs.zones[1]} ${outputs.zones}"
    assert fill(page, outputs) == 'shop /v 2 ["1", "2"]'


@pytest.mark.parametrize("reference", ["nope", "ids.nope", "zones[5]", "name.x"])
def test_an_output_that_does_not_exist_is_named(reference: str):
    outputs = {"name": 1, "ids": {}, "zones": ["1"]}
    with pytest.raises(Failure, match="has no output"):
        fill(f"${{outputs.{reference}}}", outputs)
