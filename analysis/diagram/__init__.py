"""The topology of a deployed network as a picture, from a stack's state alone.

    state = json.load(…)["deployment"]["resources"]        # of `pulumi stack export`
    topology = diagram.read(state)
    diagram.render_svg(topology, title="dev", icons={})    # an SVG document
    diagram.render_mermaid(topology)                       # for places that render Mermaid

It reads resources as Azure shows them and never the program that made them. Each resource is drawn,
told with another (a security group with its subnet), or counted as left out; none is lost.
"""

from __future__ import annotations

from analysis.diagram.kinds import Kind
from analysis.diagram.mermaid import render_mermaid
from analysis.diagram.svg import render_svg
from analysis.diagram.topology import Topology, read

__all__ = ["Kind", "Topology", "read", "render_mermaid", "render_svg"]
