"""The topology as a Mermaid flowchart, which pull requests and Markdown pages can render."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.diagram.kinds import Kind
from analysis.diagram.topology import Network, Node, Topology

_INTERNET = "internet"
_MAX_DETAILS = 2
"""Details of a node: Mermaid's layout follows the size of labels, and long labels distort it."""


def render_mermaid(topology: Topology) -> str:
    """The flowchart's source, without a fence around it.

    Names are quoted and escaped, so that no name in a state can change the flowchart.
    """
    return "\n".join(["flowchart LR", *_Chart(topology).lines(), ""])


class _Chart:
    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        known = [*(one.id for one in topology.networks), *(node.id for node in topology.nodes)]
        known += [subnet.id for one in topology.networks for subnet in one.subnets]
        self.handles = {name: f"n{number}" for number, name in enumerate(dict.fromkeys(known))}

    def lines(self) -> Iterator[str]:
        yield f'  {_INTERNET}(("Internet"))'
        for network in self.topology.networks:
            yield from self._network(network)
        for site in self.topology.sites:
            yield f"  {self._node(site.node)}"
            if site.gateway in self.handles:
                yield f"  {self.handles[site.node.id]} --- {self.handles[site.gateway]}"
        for number, group in enumerate(self.topology.groups):
            yield f'  subgraph g{number}["{_label(group.title)}"]'
            yield from (f"    {self._node(node)}" for node in group.nodes)
            yield "  end"
        yield from self._edges()
        yield "  classDef network fill:#eef6fd,stroke:#0078d4,color:#1f2328"
        yield "  classDef subnet fill:#ffffff,stroke:#9cc7ea,color:#1f2328"
        for network in self.topology.networks:
            yield f"  class {self.handles[network.id]} network"
            for subnet in network.subnets:
                yield f"  class {self.handles[subnet.id]} subnet"

    def _network(self, network: Network) -> Iterator[str]:
        title = _label(network.name, ", ".join(network.ranges))
        yield f'  subgraph {self.handles[network.id]}["{title}"]'
        for subnet in network.subnets:
            title = _label(subnet.name, subnet.prefix)
            if not subnet.nodes:
                yield f'    {self.handles[subnet.id]}["{title}"]'
                continue
            yield f'    subgraph {self.handles[subnet.id]}["{title}"]'
            yield from (f"      {self._node(node)}" for node in subnet.nodes)
            yield "    end"
        if not network.subnets:
            yield f'    {self.handles[network.id]}-empty[" "]'
        yield "  end"

    def _node(self, node: Node) -> str:
        label = _label(node.kind.title, node.name, *node.details[:_MAX_DETAILS])
        return f'{self.handles[node.id]}["{label}"]'

    def _edges(self) -> Iterator[str]:
        for peering in self.topology.peerings:
            one, other = (self.handles[end] for end in peering.ends)
            yield f'  {one} <-->|"{_label("peering", *peering.notes)}"| {other}'
        for node in self.topology.nodes:
            for address in node.public:
                yield f'  {_INTERNET} -->|"{_label(address)}"| {self.handles[node.id]}'
        for network in self.topology.networks:
            for subnet in network.subnets:
                for item in subnet.attachments:
                    if item.kind is Kind.NAT_GATEWAY:
                        label = _label("NAT", *item.public)
                        yield f'  {self.handles[subnet.id]} -.->|"{label}"| {_INTERNET}'


def _label(*words: str) -> str:
    """Text between quotes, with all but letters, digits and a few signs as entities."""
    return "<br/>".join(_escaped(word) for word in words if word)


def _escaped(word: str) -> str:
    return "".join(
        sign if sign.isalnum() or sign in " -_.,:/" else f"#{ord(sign)};" for sign in word
    )
