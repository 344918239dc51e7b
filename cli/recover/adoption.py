"""Imports what an interrupted run created, and removes from the state what it did not create."""

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
from cli.recover.mark_secrets import mark_secrets, secret_paths
from support.arm_ids import UNKNOWN
from support.urns import logical_name

PARALLEL = "32"
"""Imports at once: the first that fails keeps those that have not started from being tried."""

_ABSENT = re.compile(r"error: resource '([^']+)' does not exist")


@dataclass
class Outcome:
    """What recovery did."""

    adopted: list[str] = field(default_factory=list[str])
    """Ids of the resources that it imported into the state."""
    never_created: list[str] = field(default_factory=list[str])
    """Logical names of pending creations that it removed, because nothing was created."""
    deleted: list[str] = field(default_factory=list[str])
    """Logical names of resources that it removed, because the cloud no longer has them."""
    disconnected: list[str] = field(default_factory=list[str])
    """URNs of peerings that have lost their other side. Azure creates that side again only after
    the remaining one is deleted."""


def recover(access: Access) -> Outcome:
    """Bring the state in line with the cloud. Raises `Failure` when a Pulumi command fails."""
    return _Recovery(access).run()


class _Recovery:
    def __init__(self, access: Access) -> None:
        self._access = access
        self._outcome = Outcome()
        self._deployment: dict[str, Any] = {}

    def run(self) -> Outcome:
        self._read_state()
        pending = state.pending(self._deployment)
        before = state.present(self._deployment)
        self._import_existing(list(pending.values()))
        # Also removes from the state what a deletion has removed from the cloud.
        succeed(self._access, "refresh", "--yes", "--skip-preview", "--clear-pending-creates")
        self._read_state()
        present = state.present(self._deployment)
        self._outcome.deleted = sorted(map(logical_name, before - present))
        self._outcome.never_created = sorted(map(logical_name, pending.keys() - present))
        self._import_unrecorded()
        self._outcome.disconnected = state.disconnected(self._deployment)
        return self._outcome

    def _read_state(self) -> None:
        self._deployment = export(self._access)["deployment"]

    def _import_unrecorded(self) -> None:
        """Import what exists although the provider reported that its creation failed.

        Such a resource has all its dependencies: the engine starts no other creation.
        """
        missing = self._to_create()
        tried: set[str] = set()
        while True:
            present = state.present(self._deployment)
            ready = [item for item in missing if state.dependencies(item) <= present]
            ready = [item for item in ready if item["urn"] not in tried | present]
            if tried and any(UNKNOWN in json.dumps(item.get("inputs")) for item in ready):
                # What was imported supplies values that the first preview could not know.
                missing = self._to_create()
                urns = {item["urn"] for item in ready}
                ready = [item for item in missing if item["urn"] in urns]
            tried |= {item["urn"] for item in ready}
            if not self._import_existing(ready):
                return

    def _to_create(self) -> list[dict[str, Any]]:
        """The states of the resources that `up` would create."""
        preview = json.loads(succeed(self._access, "preview", "--json").stdout)
        return [
            step["newState"]
            for step in preview.get("steps") or ()
            if step["op"] == "create" and state.is_of_the_cloud(step["newState"]["type"])
        ]

    def _import_existing(self, missing: Sequence[Mapping[str, Any]]) -> bool:
        """Import those resources that exist; returns whether any does."""
        undecided = candidates(self._access, missing, self._deployment)
        adopted: list[Candidate] = []
        while undecided:
            output = self._import(undecided)
            present = state.present(self._deployment)
            absent = {found.lower() for found in _ABSENT.findall(output)}
            adopted += [item for item in undecided if item.urn in present]
            left = [
                item for item in undecided
                if item.urn not in present and item.id.lower() not in absent
            ]  # fmt: skip
            if len(left) == len(undecided):
                raise Failure(f"pulumi import: {last_lines(output)}")
            undecided = left
        self._mark_secrets(adopted)
        self._outcome.adopted += [item.id for item in adopted]
        return bool(adopted)

    def _import(self, candidates: Sequence[Candidate]) -> str:
        """Import those candidates that exist; returns Pulumi's output."""
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(import_file(candidates), file)
            file.flush()
            result = self._access.pulumi(
                "import", "--yes", "--skip-preview", "--protect=false", "--generate-code=false",
                "--suppress-outputs", "--skip-plugin-pre-install", "--parallel", PARALLEL,
                "--file", file.name,
            )  # fmt: skip
        self._read_state()
        return f"{result.stdout}\n{result.stderr}"

    def _mark_secrets(self, adopted: Sequence[Candidate]) -> None:
        """Mark the secrets that the cloud returned for what was imported."""
        secrets = {item.urn: list(secret_paths(item.inputs)) for item in adopted}
        if not any(secrets.values()):
            return
        marked = mark_secrets(export(self._access), secrets)
        if marked is not None:
            with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
                json.dump(marked, file)
                file.flush()
                succeed(self._access, "stack import", "--file", file.name)
            self._read_state()


def show(outcome: Outcome, stack: str, cloud: str) -> str:
    """What was done and what is left to do; `cloud` is the value of `--cloud`."""
    lines = [f"imported into the state: {item}" for item in outcome.adopted]
    lines += [f"removed from the state, never created: {item}" for item in outcome.never_created]
    lines += [f"removed from the state, not in the cloud: {item}" for item in outcome.deleted]
    lines = lines or ["the state agrees with the cloud; nothing to do"]
    if outcome.disconnected:
        targets = " ".join(f"--target '{urn}'" for urn in outcome.disconnected)
        which = f"STACK={stack}" + (f" CLOUD={cloud}" if cloud != "simulated" else "")
        lines.append(
            "A peering has lost its other side. Azure creates that side again only after the "
            "remaining one is deleted. Delete it before the next `make up`: "
            f'make destroy {which} ARGS="{targets}"'
        )
    return "\n".join(lines)
