"""Adopts what an interrupted run created, and forgets what it did not."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cli.console import Failure
from cli.recover import state
from cli.recover.access import Access, export, last_lines, succeed
from cli.recover.candidates import Candidate, candidates, import_file
from cli.recover.mark_secrets import Path, sealed, secret_paths
from support.arm_ids import UNKNOWN

PARALLEL = "32"
"""Imports at once: the first that finds nothing stops those that have not begun."""

_ABSENT = re.compile(r"error: resource '([^']+)' does not exist")


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


def recover(access: Access) -> Outcome:
    """Adopt what exists, forget what does not; raises `Failure` where the engine does."""
    return _Recovery(access).run()


class _Recovery:
    def __init__(self, access: Access) -> None:
        self._access = access
        self._outcome = Outcome()
        self._deployment: dict[str, Any] = {}
        self._secrets: dict[str, list[Path]] = {}
        """Where the resources that were adopted hold secrets, by URN."""

    def run(self) -> Outcome:
        self._look()
        pending = state.pending(self._deployment)
        before = state.present(self._deployment)
        self._adopt(list(pending.values()))
        # Also drops from the state what a deletion has taken from the cloud.
        succeed(self._access, "refresh", "--yes", "--skip-preview", "--clear-pending-creates")
        self._look()
        present = state.present(self._deployment)
        self._outcome.gone = sorted(map(state.logical_name, before - present))
        self._outcome.cleared = sorted(map(state.logical_name, pending.keys() - present))
        self._adopt_unrecorded()
        self._outcome.disconnected = state.disconnected(self._deployment)
        return self._outcome

    def _look(self) -> None:
        self._deployment = export(self._access)["deployment"]

    def _adopt_unrecorded(self) -> None:
        """Adopt what exists although the engine was told that its creation had failed.

        That can only be resources all of whose dependencies exist: the engine begins no others.
        """
        missing = self._to_create()
        tried: set[str] = set()
        while True:
            present = state.present(self._deployment)
            next_up = [item for item in missing if state.needs(item) <= present]
            next_up = [item for item in next_up if item["urn"] not in tried | present]
            if tried and any(UNKNOWN in json.dumps(item.get("inputs")) for item in next_up):
                # What was adopted tells what the first preview could not know.
                missing = self._to_create()
                urns = {item["urn"] for item in next_up}
                next_up = [item for item in missing if item["urn"] in urns]
            tried |= {item["urn"] for item in next_up}
            if not self._adopt(next_up):
                return

    def _to_create(self) -> list[dict[str, Any]]:
        """The states of the resources that `up` would create."""
        answer = json.loads(succeed(self._access, "preview", "--json").stdout)
        return [
            step["newState"]
            for step in answer.get("steps") or ()
            if step["op"] == "create" and state.is_of_the_cloud(step["newState"]["type"])
        ]

    def _adopt(self, missing: Sequence[Mapping[str, Any]]) -> bool:
        """Import those that exist; whether there are any."""
        undecided = candidates(self._access, missing, self._deployment)
        adopted: list[Candidate] = []
        while undecided:
            said = self._import(undecided)
            present = state.present(self._deployment)
            absent = {found.lower() for found in _ABSENT.findall(said)}
            adopted += [item for item in undecided if item.urn in present]
            left = [
                item for item in undecided
                if item.urn not in present and item.id.lower() not in absent
            ]  # fmt: skip
            if len(left) == len(undecided):
                raise Failure(f"pulumi import: {last_lines(said)}")
            undecided = left
        self._seal(adopted)
        self._outcome.adopted += [item.id for item in adopted]
        return bool(adopted)

    def _import(self, found: Sequence[Candidate]) -> str:
        """Import what there is of these; returns what the engine said."""
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(import_file(found), file)
            file.flush()
            run = self._access.pulumi(
                "import", "--yes", "--skip-preview", "--protect=false", "--generate-code=false",
                "--suppress-outputs", "--skip-plugin-pre-install", "--parallel", PARALLEL,
                "--file", file.name,
            )  # fmt: skip
        self._look()
        return f"{run.stdout}\n{run.stderr}"

    def _seal(self, adopted: Sequence[Candidate]) -> None:
        """Mark the secrets of what was adopted, where the cloud has told them."""
        secrets = {item.urn: list(secret_paths(item.inputs)) for item in adopted}
        if not any(secrets.values()):
            return
        marked = sealed(export(self._access), secrets)
        if marked is not None:
            with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
                json.dump(marked, file)
                file.flush()
                succeed(self._access, "stack import", "--file", file.name)
            self._look()


def show(outcome: Outcome, stack: str, cloud: str) -> str:
    """What was done, and what is left to do; `cloud` as `make` takes it."""
    lines = [f"adopted into the state: {item}" for item in outcome.adopted]
    lines += [f"forgotten, it was never created: {item}" for item in outcome.cleared]
    lines += [f"forgotten, it is no more in the cloud: {item}" for item in outcome.gone]
    lines = lines or ["the state holds all that was created; nothing to do"]
    if outcome.disconnected:
        targets = " ".join(f"--target '{urn}'" for urn in outcome.disconnected)
        which = f"STACK={stack}" + (f" CLOUD={cloud}" if cloud != "simulated" else "")
        lines.append(
            "One side of a peering is gone, and Azure makes it anew only together with the other. "
            f"Before the next `make up` delete what is left of it: make destroy {which} "
            f'ARGS="{targets}"'
        )
    return "\n".join(lines)
