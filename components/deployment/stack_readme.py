"""The stack's page in Pulumi Cloud: the output `readme`, from the template Pulumi.README.md.

Pulumi Cloud shows the output as Markdown and replaces `${outputs.…}` by outputs. This module
processes two further marks of the template. A section `<!-- with a b -->` … `<!-- end -->` stays
only if the stack has all of the named outputs and features. A comment such as
`<!-- address plan -->` becomes a table or list. Pure, so that a preview knows the page before any
resource exists.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sized
from typing import Any

from components.addressing.text import count
from components.settings.load import Configuration

_SECTION = re.compile(r"^<!-- with ([\w ]+) -->\n(.*?)^<!-- end -->\n", re.MULTILINE | re.DOTALL)
_PLACEHOLDER = re.compile(r"\$\{outputs\.(\w+)")


def stack_readme(template: str, outputs: Mapping[str, Any], checked: Configuration) -> str:
    """The page of a stack. Only the values of lists matter; of other outputs only the names.

    Raises ValueError where the template names an output that this stack does not have.
    """
    empty = {name for name, value in outputs.items() if isinstance(value, list) and not value}
    present = (set(outputs) - empty) | _features(checked)

    def section(match: re.Match[str]) -> str:
        return match[2] if set(match[1].split()) <= present else ""

    text = _SECTION.sub(section, template)
    for name, value in {
        "hosts": ", ".join(f"<https://{host}>" for host in outputs.get("hosts") or ()),
        "egress addresses": _placeholders("egressAddresses", outputs),
        "gateway addresses": _placeholders("gatewayAddresses", outputs),
        "address plan": _address_plan(checked),
        "warnings": _warnings(checked),
    }.items():
        text = text.replace(f"<!-- {name} -->", value)
    if missing := set(_PLACEHOLDER.findall(text)) - set(outputs):
        raise ValueError(f"the stack has no output {', '.join(sorted(missing))}: see its README")
    return text


def _features(checked: Configuration) -> set[str]:
    """The features of a stack that a section may name, besides outputs."""
    management = checked.settings.management
    features = {"privateApiServer" if checked.settings.cluster.private else "publicApiServer"}
    if management.existing is not None:
        return features | {"existingManagementNetwork"}
    return features | {"bastionTunnel" if management.bastion.tunneling else "bastionInBrowser"}


def _placeholders(name: str, outputs: Mapping[str, Any]) -> str:
    """A placeholder for each item of an output that is a list."""
    items = outputs.get(name)
    number = len(items) if isinstance(items, Sized) else 0
    return ", ".join(f"`${{outputs.{name}[{index}]}}`" for index in range(number))


def _address_plan(checked: Configuration) -> str:
    lines = ["| network | subnet | prefix | usable | required | headroom |", "|-|-|-|-:|-:|-:|"]
    for subnet in checked.plan.subnets:
        figures = (subnet.usable, subnet.required, subnet.headroom)
        cells = (subnet.vnet, subnet.key, f"`{subnet.prefix}`", *map(count, figures))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _warnings(checked: Configuration) -> str:
    return "\n".join(f"- {warning}" for warning in checked.warnings) or "Nothing."
