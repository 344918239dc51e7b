"""The topology of a deployed network as a picture, read from a stack's state.

    state = json.load(…)["deployment"]["resources"]        # of `pulumi stack export`
    topology = diagram.read(state)
    diagram.render_svg(topology, title="dev", icons={})    # an SVG document
    diagram.render_mermaid(topology)                       # a Mermaid flowchart

It reads the state and not the program that created the resources. Every resource is drawn, shown as
a detail of another one (a network security group with its subnet), or counted as not drawn.
"""

from __future__ import annotations

from analysis.diagram.kinds import Kind
from analysis.diagram.mermaid import render_mermaid
from analysis.diagram.svg import render_svg
from analysis.diagram.topology import Topology, read

__all__ = ["Kind", "Topology", "read", "render_mermaid", "render_svg"]
