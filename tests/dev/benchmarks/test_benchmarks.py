"""What the benchmarks rest on: measuring, fitting, the stacks that they grow, their page."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from analysis.dependency_graph import nodes_of
from components.settings.load import configuration
from dev.benchmarks import bench_growth, processes
from dev.benchmarks.page import page
from dev.benchmarks.tables import Section, Table, spread
from tests.helpers.stacks import ROOT, configuration_of, run_program

PAGE = ROOT / "docs" / "performance.md"


def test_a_command_is_measured_with_the_processes_that_it_starts():
    busy = "import time\nwhile time.process_time() < 0.2: pass"
    command = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}])"
    usage = processes.run([sys.executable, "-c", command], os.environ)
    assert usage.cpu >= 0.2
    assert usage.wall >= 0.2


@pytest.mark.skipif(sys.platform != "linux", reason="the split by process is Linux's")
def test_a_part_of_a_pulumi_run_is_recognised_by_its_command_line():
    code = "import time\nwhile time.process_time() < 0.2: pass"
    usage = processes.run([sys.executable, "-c", code, "-m pip list"], os.environ)
    assert set(usage.parts) == {"pip list"}
    assert 0.1 <= usage.cpu_of("pip list") <= usage.cpu
    assert usage.peak_of("pip list") > 1


def test_a_command_that_fails_is_no_figure():
    with pytest.raises(subprocess.CalledProcessError) as error:
        processes.run([sys.executable, "-c", "print('why'); exit(3)"], os.environ)
    assert error.value.returncode == 3
    assert "why" in error.value.output


@pytest.mark.parametrize("power", [1, 2])
def test_the_exponent_tells_linear_growth_from_quadratic(power):
    counts = [60, 200, 1_500, 15_000]
    values = [3.0 + 0.01 * (count - 60) ** power for count in counts]
    found = bench_growth.exponent(counts, values)
    assert found == pytest.approx(power)


def test_where_nothing_grows_there_is_no_exponent():
    assert bench_growth.exponent([1, 10, 100], [5, 5, 5]) is None


@pytest.mark.parametrize(
    "grown", [bench_growth.applications, bench_growth.rendered, bench_growth.pools]
)
@pytest.mark.parametrize("count", [1, 10, 100])
def test_the_stacks_that_are_grown_are_accepted(grown, count):
    config = configuration_of("dev")
    grown(config, count)
    checked = configuration(config)
    counted = (
        len(checked.settings.kubernetes.applications),
        len(checked.settings.cluster.node_pools),
    )
    assert count in counted


def longest_chain(grown: Callable[[dict[str, Any], int], None], count: int) -> int:
    """Of resources each of which waits for the one before."""
    config = configuration_of("dev")
    grown(config, count)
    lengths: dict[str, int] = {}
    # In the order of the state, what is waited for comes first.
    for urn, node in nodes_of(run_program(config).resources()).items():
        lengths[urn] = 1 + max((lengths[other] for other in node.waits), default=0)
    return max(lengths.values())


@pytest.mark.parametrize("grown", [bench_growth.applications, bench_growth.pools])
def test_no_chain_of_resources_that_wait_gets_longer_as_a_stack_grows(grown):
    """Pulumi's SDK takes quadratic time for such chains, and recurses along them."""
    assert longest_chain(grown, 20) == longest_chain(grown, 2)


def test_the_median_is_shown_with_the_extremes():
    assert spread([3, 1, 2]) == "2.00 (1.00 to 3.00)"
    assert spread([1, 2, 3, 10], 1) == "2.5 (1.0 to 10.0)"
    assert spread([7]) == "7.00"


def test_a_table_is_aligned_markdown():
    table = Table(("what", "s"), [("a long name", "1"), ("b", "12.5")])
    assert str(table).splitlines() == [
        "| what        |    s |",
        "| ----------- | ---: |",
        "| a long name |    1 |",
        "| b           | 12.5 |",
    ]


def test_the_page_is_written_by_the_benchmarks():
    """Around the figures: nobody has edited by hand what the next run overwrites."""
    before, after = page("\n", [Section("Figures", "", ["\n"])]).split("\n.\n", 1)
    written = PAGE.read_text()
    assert written.startswith(before)
    assert after.partition("## Figures")[0] in written


def test_the_page_says_what_was_not_measured():
    measured = [Section("Set-up", "")]
    assert "Not measured in this run: preview, growth.\n" in page(
        "", measured, ["preview", "growth"]
    )
    assert "Not measured" not in page("", measured)
