"""What a picture must be, measured on its elements: legible, whole, nothing on top of another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.diagram import Topology, read, render_mermaid, render_svg
from analysis.diagram.layout import Box, Leaf, arrange
from support.svg import width_of
from tests.analysis.diagram.samples import state_of_a_hub_with_clusters, state_of_example
from tests.analysis.reachability.states import state_of
from tests.helpers.loops import each

NETWORK = "#eef6fd"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module", params=["dev", "prod", "agc", "hub"])
def topology(request: pytest.FixtureRequest) -> Topology:
    make = {"hub": state_of_a_hub_with_clusters, "agc": lambda: state_of_example("agc")}
    stack = request.param
    return read(make[stack]() if stack in make else state_of(stack))


@pytest.fixture(scope="module")
def picture(topology: Topology) -> ET.Element:
    return ET.fromstring(render_svg(topology, "A picture", {}))  # noqa: S314 - our own


@dataclass(frozen=True)
class Area:
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Area) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def holds(self, other: Area) -> bool:
        return (
            self.left <= other.left
            and other.right <= self.right
            and self.top <= other.top
            and other.bottom <= self.bottom
        )


def areas(picture: ET.Element) -> list[Area]:
    """The boxes in the picture, without its background."""
    return [_area(one) for one in picture.findall(f".//{SVG}rect") if one.get("rx") in {"6", "12"}]


def _area(element: ET.Element) -> Area:
    x, y, width, height = (float(element.get(name, "")) for name in ("x", "y", "width", "height"))
    return Area(x, y, x + width, y + height)


def texts(picture: ET.Element) -> list[ET.Element]:
    return picture.findall(f"{SVG}text") + picture.findall(f"{SVG}g/{SVG}text")


def test_boxes_lie_within_each_other_or_apart(picture: ET.Element):
    found = areas(picture)
    assert len(found) > 10
    for one, other in combinations(found, 2):
        assert one.holds(other) or other.holds(one) or not one.overlaps(other)


def test_no_two_texts_lie_on_each_other(picture: ET.Element):
    found = [_of_text(one) for one in texts(picture)]
    for one, other in each(combinations(found, 2)):
        assert not one.overlaps(other)


def _of_text(element: ET.Element) -> Area:
    x, y, size = (float(element.get(name, "")) for name in ("x", "y", "font-size"))
    bold = element.get("font-weight") == "600"
    width = width_of(element.text or "", size, bold=bold)
    return Area(x, y - size * 0.7, x + width, y + size * 0.2)


def test_every_text_is_inside_the_picture_and_large_enough_to_read(picture: ET.Element):
    page = Area(0, 0, float(picture.get("width", "")), float(picture.get("height", "")))
    for one in each(texts(picture)):
        assert page.holds(_of_text(one)), one.text
        assert float(one.get("font-size", "")) >= 10


def test_no_text_runs_over_an_edge_of_a_box(picture: ET.Element):
    boxes = areas(picture)
    for one in each(texts(picture)):
        text = _of_text(one)
        for box in each(boxes):
            assert box.holds(text) or not box.overlaps(text), one.text


def test_peerings_cross_no_network_and_each_other_nowhere(picture: ET.Element, topology: Topology):
    rectangles = picture.findall(f"{SVG}rect")
    networks = [_area(one) for one in rectangles if one.get("fill") == NETWORK]
    lines = [_segments(one.get("d", "")) for one in picture.findall(f"{SVG}path")]
    assert len(lines) == len(topology.peerings)
    for line in lines:
        for segment in line:
            assert not any(segment.overlaps(network) for network in networks)
    for one, other in combinations(lines, 2):
        assert not any(a.overlaps(b) for a in one for b in other)


def _segments(path: str) -> list[Area]:
    """The straight pieces of a path, as areas a tenth wide."""
    steps = re.findall(r"([MHV]) ([\d.]+)(?: ([\d.]+))?", path)
    x, y = float(steps[0][1]), float(steps[0][2])
    pieces: list[Area] = []
    for command, value, _ in steps[1:]:
        to_x, to_y = (float(value), y) if command == "H" else (x, float(value))
        left, right = sorted((x, to_x))
        top, bottom = sorted((y, to_y))
        pieces.append(
            Area(left + 0.1, top - 0.05, right - 0.1 + 0.2 * (left == right), bottom + 0.05)
        )
        x, y = to_x, to_y
    return pieces


def test_everything_with_an_icon_is_named_in_both_pictures(topology: Topology):
    picture = render_svg(topology, "A picture", {})
    chart = render_mermaid(topology)
    for node in each(topology.nodes):
        assert f"<title>{node.id}</title>" in picture
        assert node.name in chart


def test_what_is_not_drawn_is_counted_below_the_picture(topology: Topology):
    picture = render_svg(topology, "A picture", {})
    assert f"{topology.resources} resources; not drawn:" in picture
    assert f"{topology.not_drawn['RoleAssignment']} RoleAssignment" in picture


def test_the_internet_bar_has_every_public_address(topology: Topology):
    chart, picture = render_mermaid(topology), render_svg(topology, "A picture", {})
    addresses = [address for node in topology.nodes for address in node.public]
    assert addresses
    for address in addresses:
        assert f" {address}</text>" in picture
        assert f'internet -->|"{address}"|' in chart


HOSTILE = 'a"]; click n1 href "javascript:alert(1)" <script>&'


def test_names_cannot_break_out_of_either_picture():
    state = state_of("dev")
    for item in state:
        if item["type"].endswith(":BastionHost"):
            item["outputs"]["name"] = HOSTILE
    topology = read(state)
    chart = render_mermaid(topology)
    assert "a#34;#93;#59; click n1 href #34;javascript:alert#40;1#41;" in chart
    assert not re.search(r"^\s*click", chart, re.MULTILINE)
    picture = render_svg(topology, HOSTILE, {})
    ET.fromstring(picture)  # noqa: S314 - our own
    assert "<script>" not in picture


def test_mermaid_has_one_line_for_each_peering(topology: Topology):
    assert render_mermaid(topology).count("<-->") == len(topology.peerings)


def test_the_chart_of_three_hundred_resources_is_within_mermaids_limit():
    chart = render_mermaid(read(state_of_a_hub_with_clusters()))
    assert len(chart) < 50_000
    assert len(re.findall(r"-->|---|-\.->", chart)) < 500


def _nothing(*_: Any) -> list[ET.Element]:
    return []


leaves = st.builds(Leaf, st.floats(5, 300), st.floats(5, 100), st.just(_nothing))
trees = st.recursive(
    leaves,
    lambda children: st.builds(
        Box,
        header=st.floats(0, 60),
        paint=st.just(_nothing),
        children=st.lists(children, max_size=6),
        limit=st.floats(0, 900),
    ),
    max_leaves=30,
)


def _check(box: Box) -> None:
    found: list[Area] = []
    for child, (x, y) in zip(box.children, box.positions, strict=True):
        found.append(Area(x, y, x + child.width, y + child.height))
        assert y >= box.header
        assert x + child.width <= box.width + 1e-6
        assert y + child.height <= box.height + 1e-6
        if isinstance(child, Box):
            _check(child)
    for one, other in combinations(found, 2):
        assert not one.overlaps(other)


@given(st.lists(trees, max_size=6), st.floats(0, 900))
def test_children_lie_within_their_box_and_never_on_each_other(children: Any, limit: float):
    _check(arrange(Box(20, _nothing, children, limit=limit)))
