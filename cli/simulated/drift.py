"""Changes resources of the simulated cloud outside of Pulumi, as someone in the portal would.

    python -m cli.simulated.drift list [text]
    python -m cli.simulated.drift show <resource>
    python -m cli.simulated.drift set <resource> <path> <value>
    python -m cli.simulated.drift delete <resource>

A resource is its ARM id, the end of one (`virtualNetworks/vnet-a`) or its name. A path has the
names of the REST API (`tags.owner`, `securityRules[0].access`). A value is JSON, or text where it
is not JSON. Azure's rules apply; with --force the change is made although Azure would refuse it.
`make refresh` or `make preview ARGS=--refresh` shows the drift; `make up ARGS=--refresh` corrects
it.
"""

from __future__ import annotations

import argparse
import copy
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from cli.command import reports_errors
from cli.console import Failure, say
from simulator.azure import catalog
from simulator.azure.cloud import Cloud
from simulator.errors import Refused
from simulator.store import JournalStore, Resource
from support.repository import ROOT

STATE = ROOT / ".local" / "cloud"
"""The directory of the cloud that `make up` uses."""

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_PATH = re.compile(r"[^.\[\]]+(\[\d+\])*(\.[^.\[\]]+(\[\d+\])*)*")


def find(cloud: Cloud, wanted: str) -> Resource:
    """The resource with this id, end of an id, or name.

    Raises `Failure` where there is none, or more than one.
    """
    exact = cloud.get(wanted)
    if exact:
        return exact
    tail = "/" + wanted.strip("/").lower()
    found = [item for item in cloud.store.all() if item.id.lower().endswith(tail)]
    if not found:
        raise Failure(f"the cloud has no resource {wanted}; `list` shows all resources")
    if len(found) > 1:
        ids = "\n  ".join(item.id for item in found)
        raise Failure(f"{wanted} is ambiguous; use more of the id:\n  {ids}")
    return found[0]


def steps(path: str) -> list[str | int]:
    """The keys and indices of a path such as `securityRules[0].access`.

    Raises `Failure` where the text is not a path.
    """
    if not _PATH.fullmatch(path):
        raise Failure(
            f"{path!r} is not a path; use a form such as tags.owner or securityRules[0].access"
        )
    return [item.group(1) or int(item.group(2)) for item in _STEP.finditer(path)]


def changed(inputs: Any, path: str, value: str) -> dict[str, Any]:
    """A copy of the inputs with the value at the path; missing objects are created.

    The value is JSON. It is text where it is not JSON, or where the inputs have text now. Raises
    `Failure` where the path leads through something other than an object or a list.
    """
    result = copy.deepcopy(inputs)
    *parents, last = steps(path)
    target: Any = result
    try:
        for step in parents:
            target = _child(target, step)
        old = cast("dict[Any, Any]", target).get(last) if isinstance(target, dict) else None
        target[last] = value if isinstance(old, str) else _value(value)
    except (LookupError, TypeError) as error:
        raise Failure(f"this resource has no {path!r}: {error!r}") from error
    return result


def _child(target: Any, step: str | int) -> Any:
    """The value below a key or index; an object is created where there is none."""
    if isinstance(target, dict):
        return cast("dict[Any, Any]", target).setdefault(step, {})
    return target[step]


def set_property(
    cloud: Cloud, resource: Resource, path: str, value: str, *, force: bool = False
) -> None:
    """Change a property. Raises `Failure` where Azure refuses and `force` is not set."""
    if resource.token not in catalog.by_token():
        raise Failure(f"{resource.id} is not an Azure resource; only those can be changed")
    inputs = changed(resource.inputs, path, value)
    if force:
        outputs = changed(resource.outputs, path, value)
        cloud.store.put(Resource(resource.id, resource.token, inputs, outputs))
        return
    try:
        cloud.put(resource.token, inputs)
    except Refused as error:
        raise Failure(f"Azure refuses: {error}; use --force to change it anyway") from error


def delete(cloud: Cloud, resource: Resource, *, force: bool = False) -> None:
    """Delete a resource. Raises `Failure` where Azure refuses and `force` is not set."""
    if force:
        cloud.store.delete(resource.id)
        return
    try:
        cloud.delete(resource.id)
    except Refused as error:
        raise Failure(f"Azure refuses: {error}; use --force to change it anyway") from error


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m cli.simulated.drift",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--state", type=Path, default=STATE, help="directory of the simulated cloud"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser(
        "list", help="list the resources, or those whose id or type contains the text"
    )
    listing.add_argument("text", nargs="?", default="")
    for name in ("show", "set", "delete"):
        command = commands.add_parser(name)
        command.add_argument("resource")
        if name == "set":
            command.add_argument("path")
            command.add_argument("value")
        if name != "show":
            command.add_argument(
                "--force", action="store_true", help="change it although Azure refuses"
            )
    return parser


def run(arguments: Sequence[str]) -> None:
    """Run the command in the arguments. Raises `Failure` where it is refused."""
    known = _parser().parse_args(arguments)
    if not known.state.is_dir():
        raise Failure(f"there is no simulated cloud in {known.state}; run `make up` first")
    cloud = Cloud(JournalStore(known.state))
    if known.command == "list":
        for item in sorted(cloud.store.all(), key=lambda item: item.id):
            if known.text.lower() in f"{item.token} {item.id}".lower():
                print(f"{item.token}  {item.id}")
        return
    resource = find(cloud, known.resource)
    if known.command == "show":
        print(json.dumps(resource.inputs, indent=2))
    elif known.command == "set":
        set_property(cloud, resource, known.path, known.value, force=known.force)
        say(f"{known.path} of {resource.id} is now {known.value}")
    else:
        delete(cloud, resource, force=known.force)
        say(f"{resource.id} is deleted")


@reports_errors()
def main(arguments: Sequence[str]) -> int:
    """Run the command; returns 1 where it is refused."""
    run(arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
