"""Which processes are killed when the engine or a provider is."""

from __future__ import annotations

import os
import subprocess
import sys

from dev.fault_injection.processes import Process, below, descendants, kill, parse

ENGINE = Process(10, 1, "pulumi up")
PROVIDER = Process(11, 10, "pulumi-resource-azure-native 127.0.0.1:1")
HOST = Process(12, 10, "pulumi-language-python")
PROGRAM = Process(13, 12, "python3 pulumi-language-python-exec")
OTHER = Process(20, 1, "pulumi up")


def test_all_that_descends_from_a_process_is_found_and_nothing_else():
    table = [PROGRAM, OTHER, PROVIDER, ENGINE, HOST]
    assert set(descendants(10, table)) == {PROVIDER, HOST, PROGRAM}


def test_a_line_of_the_table_is_read():
    assert parse("   11    10 pulumi-resource-azure-native 127.0.0.1:1") == PROVIDER
    assert parse("   11    10") == Process(11, 10, "")


def test_a_child_is_found_and_killed_for_good():
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    assert child.pid in {one.id for one in below(os.getpid())}
    kill([child.pid])
    assert child.wait(timeout=10) == -9
    kill([child.pid])
