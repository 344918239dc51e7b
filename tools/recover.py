"""Brings a stack's state in line with the cloud after a run that was interrupted.

    python -m tools.recover --stack dev --cloud simulated|azure

What such a run was creating may be in the cloud, but not in the state; the next `up` would be
refused, since azure-native does not create what exists. Names are in the program, so the ids are
known: what is in the cloud is imported, what is not is forgotten. Nothing is created, changed or
deleted in the cloud. docs/recovery.md has the steps around this one.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from simulator.azure import arm
from simulator.store import JournalStore
from tools import engine as engines
from tools import stackfile
from tools.console import Failure, say
from tools.local import PLUGINS, ROOT, SimulatedCloud
from tools.resource_ids import AZURE, KUBERNETES, RANDOM_NAME, UNKNOWN, RandomName, id_of

PARALLEL = "32"
"""Imports at once: the first that finds nothing stops those that have not begun."""

_ABSENT = re.compile(r"error: resource '([^']+)' does not exist")


class Access(Protocol):
    """A stack, and what recovery asks about the cloud besides the engine."""

    def pulumi(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a Pulumi command on the stack, whatever comes of it."""
        ...

    def subscription(self) -> str:
        """Id of the subscription that the stack is deployed to."""
        ...

    def names(self, group: str, arm_type: str) -> list[str]:
        """Names of the resources of a type in a resource group."""
        ...


@dataclass(frozen=True)
class Simulated:
    """On the simulated cloud."""

    cloud: SimulatedCloud
    stack: str

    def pulumi(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        line = self.cloud.command(command, self.stack, "--non-interactive", *arguments)
        return _run(line, self.cloud.environment())

    def subscription(self) -> str:
        return arm.SUBSCRIPTION

    def names(self, group: str, arm_type: str) -> list[str]:
        parent = f"/resourceGroups/{group}/providers/{arm_type}"
        resources = JournalStore(self.cloud.state).all()
        return [item.name for item in resources if item.id.rpartition("/")[0].endswith(parent)]


@dataclass(frozen=True)
class Azure:
    """On Azure, with the user's sign-in; `az` answers what the engine cannot."""

    stack: str

    def pulumi(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        pulumi = engines.obtain().pulumi
        path = [pulumi.parent, Path(sys.executable).parent, os.environ.get("PATH", os.defpath)]
        environment = {
            **os.environ,
            "PATH": os.pathsep.join(map(str, path)),
            "VIRTUAL_ENV": sys.prefix,
        }
        line = [str(pulumi), *command.split(), "--stack", self.stack, "--cwd", str(ROOT)]
        return _run([*line, "--non-interactive", *arguments], environment)

    def subscription(self) -> str:
        configured = self.pulumi("config get", f"{AZURE}subscriptionId")
        found = configured.stdout.strip() or os.environ.get("ARM_SUBSCRIPTION_ID")
        return found or _az("account", "show", "--query", "id", "--output", "tsv").strip()

    def names(self, group: str, arm_type: str) -> list[str]:
        scope = ("--resource-group", group, "--resource-type", arm_type)
        query = ("--query", "[].name", "--output", "json")
        return json.loads(_az("resource", "list", *scope, *query))


@dataclass
class Outcome:
    """What recovery did."""

    adopted: list[str] = field(default_factory=list[str])
    """Ids of resources that were in the cloud, and now are in the state too."""
    cleared: list[str] = field(default_factory=list[str])
    """Logical names of pending creations of which nothing is in the cloud."""
    gone: list[str] = field(default_factory=list[str])
    """Logical names of resources that were in the state, but are no more in the cloud."""
    disconnected: list[str] = field(default_factory=list[str])
    """URNs of peerings whose other side is gone: Azure wants them deleted before both are made."""


@dataclass(frozen=True)
class _Candidate:
    """A resource that may be in the cloud without being in the state."""

    urn: str
    parent: str
    provider: str
    inputs: Mapping[str, Any]
    id: str

    @property
    def token(self) -> str:
        return self.urn.split("::")[2].rpartition("$")[2]

    @property
    def name(self) -> str:
        return self.urn.split("::", 3)[3]


def recover(access: Access) -> Outcome:
    """Adopt what exists, forget what does not; raises `Failure` where the engine does."""
    outcome = Outcome()
    deployment = _deployment(access)
    pending = _pending(deployment)
    before = _present(deployment)
    _adopt(access, _candidates(access, list(pending.values()), deployment), outcome)
    # Also drops from the state what a deletion has taken from the cloud.
    _succeed(access, "refresh", "--yes", "--skip-preview", "--clear-pending-creates")
    deployment = _deployment(access)
    outcome.gone = sorted(_name(urn) for urn in before - _present(deployment))
    outcome.cleared = sorted(_name(urn) for urn in pending.keys() - _present(deployment))
    _adopt_unrecorded(access, deployment, outcome)
    outcome.disconnected = _disconnected(_deployment(access))
    return outcome


def _adopt_unrecorded(access: Access, deployment: Mapping[str, Any], outcome: Outcome) -> None:
    """Adopt what exists although the engine was told that its creation had failed.

    That can only be resources all of whose dependencies exist: the engine begins no others.
    """
    missing = _to_create(access)
    tried: set[str] = set()
    while True:
        present = _present(deployment)
        next_up = [item for item in missing if _needs(item) <= present]
        next_up = [item for item in next_up if item["urn"] not in tried | present]
        if tried and any(UNKNOWN in json.dumps(item.get("inputs")) for item in next_up):
            # What was adopted tells what the first preview could not know.
            missing = _to_create(access)
            urns = {item["urn"] for item in next_up}
            next_up = [item for item in missing if item["urn"] in urns]
        tried |= {item["urn"] for item in next_up}
        if not _adopt(access, _candidates(access, next_up, deployment), outcome):
            return
        deployment = _deployment(access)


def _to_create(access: Access) -> list[dict[str, Any]]:
    """The states of the resources that `up` would create."""
    answer = json.loads(_succeed(access, "preview", "--json").stdout)
    return [
        step["newState"]
        for step in answer.get("steps") or ()
        if step["op"] == "create" and step["newState"]["type"].startswith((AZURE, KUBERNETES))
    ]


def _needs(state: Mapping[str, Any]) -> set[str]:
    """The URNs that must be there before the engine begins to create this resource."""
    provider = _provider_urn(state)
    default = "::default_" in provider
    return {
        *(state.get("dependencies") or ()),
        *(() if _is_stack(state.get("parent", "")) else (state["parent"],)),
        *(() if default or not provider else (provider,)),
    }


def _candidates(
    access: Access, states: Sequence[Mapping[str, Any]], deployment: Mapping[str, Any]
) -> list[_Candidate]:
    """Those of the resources whose ids are known and not in the state."""
    if not states:
        return []
    known = {item.get("id", "").lower() for item in deployment.get("resources") or ()}
    present = _present(deployment)
    subscription = access.subscription()
    found: list[_Candidate] = []
    for state in states:
        resource_id = state.get("id") or _id(access, state, subscription, known)
        if resource_id and state["urn"] not in present:
            found.append(
                _Candidate(
                    state["urn"],
                    state.get("parent", ""),
                    _provider_urn(state),
                    state.get("inputs") or {},
                    resource_id,
                )
            )
    return found


def _id(access: Access, state: Mapping[str, Any], subscription: str, known: set[str]) -> str | None:
    token: str = state["type"]
    inputs: Mapping[str, Any] = state.get("inputs") or {}
    try:
        resource_id = id_of(token, inputs, subscription)
    except KeyError:
        raise Failure(
            f"{token} has no path in tools/resource_ids.py: add it there, with its parameters "
            "named as the inputs of azure-native"
        ) from None
    if resource_id is None or not inputs.get(RANDOM_NAME):
        return resource_id
    # A preview draws another name than the run that was interrupted, so the cloud has to tell.
    name = RandomName(resource_id.rpartition("/")[0], _name(state["urn"]))
    ids = [f"{name.parent}/{item}" for item in access.names(name.group, name.arm_type)
           if name.matches(item)]  # fmt: skip
    ids = [item for item in ids if item.lower() not in known]
    if len(ids) > 1:
        raise Failure(
            f"{_name(state['urn'])}: several resources may be the one that was created: "
            f"{', '.join(ids)}; import the right one with `pulumi import`, then run this again"
        )
    return ids[0] if ids else resource_id


def _adopt(access: Access, candidates: list[_Candidate], outcome: Outcome) -> list[_Candidate]:
    """Import those that exist; returns them."""
    undecided = list(candidates)
    adopted: list[_Candidate] = []
    while undecided:
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(_import_file(undecided), file)
            file.flush()
            run = access.pulumi(
                "import", "--yes", "--skip-preview", "--protect=false", "--generate-code=false",
                "--suppress-outputs", "--skip-plugin-pre-install", "--parallel", PARALLEL,
                "--file", file.name,
            )  # fmt: skip
        absent = {found.lower() for found in _ABSENT.findall(f"{run.stdout}\n{run.stderr}")}
        present = _present(_deployment(access))
        adopted += [item for item in undecided if item.urn in present]
        left = [
            item for item in undecided
            if item.urn not in present and item.id.lower() not in absent
        ]  # fmt: skip
        if len(left) == len(undecided):
            raise Failure(f"pulumi import: {_tail(run)}")
        undecided = left
    outcome.adopted += [item.id for item in adopted]
    return adopted


def _import_file(candidates: Sequence[_Candidate]) -> dict[str, Any]:
    """What `pulumi import --file` takes."""
    table: dict[str, str] = {}
    rows: list[dict[str, Any]] = []
    for item in candidates:
        row: dict[str, Any] = {"type": item.token, "name": item.name, "id": item.id}
        for key, urn in (("parent", item.parent), ("provider", item.provider)):
            if key == "provider" and "::default_" in urn:
                package = item.token.split(":")[0]
                row["version"] = version(PLUGINS[package])
            elif urn and not _is_stack(urn):
                # A name in the table is any string, and the URN is a unique one.
                table[urn] = urn
                row[key] = urn
        if item.inputs.get(RANDOM_NAME):
            row["inputs"] = {RANDOM_NAME: True}
        rows.append(row)
    return {"nameTable": table, "resources": rows}


def _disconnected(deployment: Mapping[str, Any]) -> list[str]:
    return [
        item["urn"]
        for item in deployment.get("resources") or ()
        if item["type"] == f"{AZURE}network:VirtualNetworkPeering"
        and item.get("outputs", {}).get("peeringState") == "Disconnected"
    ]


def _deployment(access: Access) -> dict[str, Any]:
    return json.loads(_succeed(access, "stack export").stdout)["deployment"]


def _pending(deployment: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What was being created when the engine was stopped, by URN."""
    operations = deployment.get("pending_operations") or ()
    return {
        item["resource"]["urn"]: item["resource"]
        for item in operations
        if item["type"] == "creating" and item["resource"]["type"].startswith((AZURE, KUBERNETES))
    }


def _present(deployment: Mapping[str, Any]) -> set[str]:
    return {item["urn"] for item in deployment.get("resources") or () if not item.get("delete")}


def _provider_urn(state: Mapping[str, Any]) -> str:
    return str(state.get("provider", "")).rpartition("::")[0]


def _name(urn: str) -> str:
    return urn.split("::", 3)[3]


def _is_stack(urn: str) -> bool:
    return not urn or "::pulumi:pulumi:Stack::" in urn


def _succeed(access: Access, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    run = access.pulumi(command, *arguments)
    if run.returncode != 0:
        raise Failure(f"pulumi {command}: {_tail(run)}")
    return run


def _tail(run: subprocess.CompletedProcess[str]) -> str:
    return "\n".join(f"{run.stdout}\n{run.stderr}".strip().splitlines()[-20:])


def _run(line: Sequence[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        line, env=environment, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def _az(*arguments: str) -> str:
    try:
        return subprocess.run(["az", *arguments], capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        raise Failure(
            "the Azure CLI `az` is needed to look for what Azure has: install it"
        ) from None
    except subprocess.CalledProcessError as error:
        raise Failure(f"az {arguments[0]} {arguments[1]}: {error.stderr.strip()}") from error


def show(outcome: Outcome) -> str:
    """What was done, and what is left to do."""
    lines = [f"adopted into the state: {item}" for item in outcome.adopted]
    lines += [f"forgotten, it was never created: {item}" for item in outcome.cleared]
    lines += [f"forgotten, it is no more in the cloud: {item}" for item in outcome.gone]
    lines = lines or ["the state holds all that was created; nothing to do"]
    if outcome.disconnected:
        targets = " ".join(f"--target '{urn}'" for urn in outcome.disconnected)
        lines.append(
            "One side of a peering is gone, and Azure makes it anew only together with the other. "
            "Before the next `make up` delete what is left of it: make destroy "
            f'ARGS="{targets}"'
        )
    return "\n".join(lines)


def _access(stack: str, cloud: str) -> Access:
    if cloud == "azure":
        return Azure(stack)
    simulated = SimulatedCloud(ROOT / ".local", engines.obtain())
    simulated.prepare(stack, stackfile.committed_file(stack, ROOT))
    return Simulated(simulated, stack)


def main(arguments: Sequence[str]) -> int:
    """Entry point; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.recover", description=__doc__)
    parser.add_argument("--stack", default="dev")
    parser.add_argument("--cloud", default="simulated", choices=["simulated", "azure"])
    options = parser.parse_args(arguments)
    try:
        print(show(recover(_access(options.stack, options.cloud))))
    except Failure as failure:
        say(f"error: {failure}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
