from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

from simulator.store import JournalStore, MemoryStore, Resource

ID = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v"


def resource(name: str, **inputs: object) -> Resource:
    return Resource(f"{ID}/subnets/{name}", "network:Subnet", dict(inputs), {"name": name})


def test_what_one_process_wrote_another_reads(tmp_path: Path):
    first, second = JournalStore(tmp_path), JournalStore(tmp_path)
    first.put(resource("a"))
    assert second.get(f"{ID}/subnets/A") == resource("a")
    second.delete(f"{ID}/subnets/a")
    assert first.all() == []


def test_a_new_process_finds_everything(tmp_path: Path):
    store = JournalStore(tmp_path)
    for name in "abc":
        store.put(resource(name))
    store.delete(resource("b").id)
    assert [item.name for item in JournalStore(tmp_path).all()] == ["a", "c"]


def test_a_half_written_line_is_skipped_and_then_cut_off(tmp_path: Path):
    store = JournalStore(tmp_path)
    store.put(resource("a"))
    with (tmp_path / "journal.jsonl").open("ab") as journal:
        journal.write(b'{"put":"/subscriptions/s/half')
    late = JournalStore(tmp_path)
    assert [item.name for item in late.all()] == ["a"]
    late.put(resource("b"))
    assert [item.name for item in JournalStore(tmp_path).all()] == ["a", "b"]
    assert [item.name for item in store.all()] == ["a", "b"]


def test_what_was_answered_survives_a_kill(tmp_path: Path):
    program = (
        "import sys; from pathlib import Path; from simulator.store import *\n"
        "store = JournalStore(Path(sys.argv[1]))\n"
        "for n in range(10**6):\n"
        "    store.put(Resource(f'/subscriptions/s/resourceGroups/{n}', 't', {'x': 'y' * 5000}))\n"
        "    print(n, flush=True)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2], text=True
    )
    assert process.stdout is not None
    answered = [process.stdout.readline() for _ in range(30)]
    os.kill(process.pid, signal.SIGKILL)
    answered += process.stdout.readlines()
    process.stdout.close()
    process.wait()
    kept = {item.name for item in JournalStore(tmp_path).all()}
    assert {line.strip() for line in answered if line.endswith("\n")} <= kept


def test_a_long_journal_is_rewritten_when_it_is_opened(tmp_path: Path):
    store = JournalStore(tmp_path)
    for number in range(600):
        store.put(resource("a", number=number))
    before = (tmp_path / "journal.jsonl").stat().st_size
    again = JournalStore(tmp_path)
    assert (tmp_path / "journal.jsonl").stat().st_size < before / 100
    assert again.all() == store.all() == [resource("a", number=599)]


def test_a_reference_to_a_part_counts_for_the_whole():
    store = MemoryStore()
    store.put(Resource(ID, "network:VirtualNetwork", {}))
    store.put(Resource("/subscriptions/s/x", "t", {"deep": [{"id": f"{ID}/subnets/a".upper()}]}))
    assert [item.token for item in store.referrers(ID)] == ["t"]
    assert [item.token for item in store.referrers(f"{ID}/subnets/a")] == ["t"]
    store.delete("/subscriptions/s/x")
    assert store.referrers(ID) == []


def test_what_is_written_again_is_never_gone_for_another_thread():
    store = MemoryStore()
    network = "/subscriptions/s/resourceGroups/r/providers/Microsoft.Network/virtualNetworks/v"
    user = Resource(f"{network}-user", "t", {"network": {"id": network}})
    store.put(Resource(network, "t", {}))
    store.put(user)
    done = threading.Event()
    missed: list[str] = []

    def read() -> None:
        while not done.is_set():
            if store.get(user.id) is None:
                missed.append("the resource")
            if not store.referrers(network):
                missed.append("its reference")

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        reader = threading.Thread(target=read)
        reader.start()
        for number in range(2_000):
            store.put(replace(user, outputs={"number": number}))
        done.set()
        reader.join()
    finally:
        sys.setswitchinterval(before)
    assert missed == []
