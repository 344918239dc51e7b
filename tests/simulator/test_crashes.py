"""The store and the record survive a provider that dies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulator import timeline
from simulator.store import JournalStore
from tests.simulator.subscription import GROUP

CHILD = f"""
import asyncio, sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from simulator.azure.provider import AzureNative
from simulator.server import Urn
from simulator.wire import Properties

async def main():
    provider = AzureNative()
    provider.configure({{"location": "westeurope"}})
    for index in range(int(sys.argv[1]), 10000):
        name = f"rt{{index}}"
        inputs = {{"resourceGroupName": "{GROUP}", "routeTableName": name}}
        inputs["location"] = "westeurope"
        urn = Urn(f"urn:pulumi:dev::shop::azure-native:network:RouteTable::{{name}}")
        state = await provider.create(urn, Properties(inputs), preview=False)
        print(state.id, flush=True)

asyncio.run(main())
"""


def child(directory: Path, first: int, **settings: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(first)],
        env={**os.environ, "AZURE_SIM_STATE": str(directory), **settings},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(("what", "there"), [("crash", 0), ("crash-after", 1)])
def test_a_crash_kills_the_provider_before_or_after_it_was_done(engine, tmp_path, what, there):
    asked = engine()
    faults = f"create:azure-native:network:RouteTable:1:{what}"
    process = child(tmp_path, 0, AZURE_SIM_FAULTS=faults)
    output, _ = process.communicate(timeout=60)
    assert (process.returncode, output) == (-9, "")
    assert len(JournalStore(tmp_path).of_type("network:RouteTable")) == there
    assert asked.record("rt0").outcome == what


def test_the_cloud_and_the_record_survive_kills_at_any_moment(engine, tmp_path):
    asked = engine()
    answered: set[str] = set()
    first = 0
    for round_ in range(6):
        process = child(tmp_path, first)
        assert process.stdout
        for _ in range(5 + 7 * round_):
            answered.add(process.stdout.readline().strip())
        process.kill()
        answered |= {line.strip() for line in process.stdout if line.endswith("\n")}
        process.wait()
        process.stdout.close()
        there = {item.id for item in JournalStore(tmp_path).of_type("network:RouteTable")}
        assert answered <= there, "what was answered is there"
        assert len(there - answered) <= round_ + 1, "at most one a round was done unanswered"
        first = 1 + max(int(item.rpartition("rt")[2]) for item in there)
    recorded = {record.id for record in asked.records()}
    assert answered <= recorded


def test_a_record_that_was_torn_by_a_kill_is_skipped(tmp_path):
    record = timeline.Record("create", "t", "urn", "id", 0, 5, timeline.SUCCEEDED)
    written = timeline.Timeline(tmp_path, "run")
    written.append(record)
    with written.path.open("a") as file:
        file.write('{"operation": "cre')
    assert timeline.read(tmp_path, "run") == [record]
    assert timeline.Timeline(tmp_path, "run").latest_end() == 5


def test_processes_of_a_run_share_its_clock(tmp_path):
    mine, theirs = (timeline.Timeline(tmp_path, "run") for _ in range(2))
    assert mine.latest_end() == 0
    theirs.append(timeline.Record("create", "t", "urn", "id", 0, 300, timeline.SUCCEEDED))
    assert mine.latest_end() == 300


def test_a_record_is_one_line_of_json(tmp_path):
    retry = timeline.Retry("Throttled", 60)
    record = timeline.Record("create", "t", "urn", "id", None, None, "lost", (retry,))
    written = timeline.Timeline(tmp_path, "run")
    written.append(record)
    (line,) = written.path.read_text().splitlines()
    assert json.loads(line)["retries"] == [{"code": "Throttled", "seconds": 60}]
    assert timeline.Record.parse(line.encode()) == record
