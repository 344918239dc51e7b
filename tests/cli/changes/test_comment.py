from __future__ import annotations

import json
import re
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.changes import comment
from cli.changes.comment import MARKER, MAX_CHARACTERS, OMITTED, BadReport, Report, Step, render

STEPS = (
    Step("create", "network:Subnet", "network-extra"),
    Step("update", "network:NatGateway", "nodes-nat", ("publicIpAddresses",)),
    Step("replace", "containerservice:ManagedCluster", "cluster", ("networkProfile",)),
    Step("delete", "network:RouteTable", "network-routes"),
)
REPORT = Report(
    "dev",
    "simulated",
    STEPS,
    before={"Address plan": "nodes 10.0.0.0/17\npods 10.1.0.0/16"},
    after={"Address plan": "nodes 10.0.0.0/16\npods 10.1.0.0/16"},
    shown={"Address plan": "the table"},
    topology="flowchart LR\n",
)


def test_the_comment_begins_with_the_marker_by_which_it_is_found_again():
    assert render([REPORT]).partition("\n")[0] == MARKER
    assert render([]).partition("\n")[0] == MARKER


def test_what_happens_is_counted_and_what_is_lost_is_named():
    text = render([REPORT])
    assert "1 to create, 1 to update, 1 to delete, 1 to replace." in text
    assert "**Replaces** `containerservice:ManagedCluster cluster`." in text
    assert "**Deletes** `network:RouteTable network-routes`." in text


def test_each_step_is_a_line_with_the_properties_that_change():
    assert "! update   network:NatGateway  nodes-nat  (publicIpAddresses)" in render([REPORT])


def test_a_stack_without_changes_says_so():
    assert "No changes." in render([Report("dev", "azure", ())])


def test_what_changed_is_shown_as_a_difference_and_then_whole():
    text = render([REPORT])
    assert "-nodes 10.0.0.0/17\n+nodes 10.0.0.0/16" in text
    assert "Address plan: after the change" in text
    assert "the table" in text


def test_what_stays_is_shown_once_and_called_unchanged():
    text = render([replace(REPORT, before=REPORT.after)])
    assert "Address plan: unchanged" in text
    assert "what changes" not in text


def test_without_a_base_nothing_is_called_unchanged():
    text = render([replace(REPORT, before={})])
    assert "Address plan: after the change" in text


def test_a_failure_is_shown_with_what_was_said():
    text = render([Report("dev", "simulated", (), failure="subnet nodes is too small")])
    assert "**Failed**" in text
    assert "subnet nodes is too small" in text


def test_the_real_stack_stands_before_the_simulated_one():
    text = render([REPORT, replace(REPORT, cloud="azure"), replace(REPORT, stack="a")])
    headings = re.findall(r"^### (.*)$", text, re.MULTILINE)
    assert headings == [
        "Stack `a` on simulated Azure",
        "Stack `dev` on Azure",
        "Stack `dev` on simulated Azure",
    ]


def test_a_long_text_is_left_out_and_the_rest_stays():
    text = render([replace(REPORT, topology="x" * MAX_CHARACTERS)])
    assert len(text) <= MAX_CHARACTERS
    assert OMITTED in text
    assert "the table" in text
    assert "nodes-nat" in text


def test_the_preview_outlives_everything_else():
    long = {"Address plan": "y" * MAX_CHARACTERS}
    text = render([replace(REPORT, shown=long, after=long, topology="x" * MAX_CHARACTERS)])
    assert "nodes-nat" in text
    assert text.count(OMITTED) == 3


words = st.text(st.characters(codec="utf-8"), max_size=400)
texts = st.dictionaries(st.from_regex(r"[A-Za-z ]{1,60}", fullmatch=True), words, max_size=3)
reports = st.builds(
    Report,
    stack=st.from_regex(r"[a-z]{1,9}", fullmatch=True),
    cloud=st.sampled_from(["azure", "simulated"]),
    steps=st.lists(st.builds(Step, words, words, words, st.just(())), max_size=4).map(tuple),
    failure=words,
    note=words,
    before=texts,
    after=texts,
    shown=texts,
    topology=words,
)


@given(st.lists(reports, max_size=4), st.integers(400, 4000))
def test_no_comment_exceeds_its_limit_or_loses_its_marker(found: list[Report], limit: int):
    text = render(found, limit)
    assert len(text) <= limit
    assert text.startswith(MARKER)


@given(reports)
def test_a_report_survives_being_written_and_read(report: Report):
    read = Report.of(json.dumps(asdict(report)))
    assert (read.stack, read.failure, read.topology) == (
        report.stack,
        report.failure,
        report.topology,
    )


BREAKING_OUT = "```\n</details>\n# I am the comment now @everyone ![x](http://example.com/x)\n````"


@pytest.mark.parametrize("part", ["failure", "topology", "shown", "note", "steps"])
def test_no_text_breaks_out_of_its_block(part: str):
    hostile = {
        "shown": {"Address plan": BREAKING_OUT},
        "steps": [{"operation": "create", "type": BREAKING_OUT, "name": BREAKING_OUT}],
    }.get(part, BREAKING_OUT)
    text = render([Report.of(json.dumps({"stack": "dev", "cloud": "azure", part: hostile}))])
    assert "@everyone" in text
    outside = _outside_of_fences(text)
    outside = re.sub(r"`[^`\n]+`", "", outside)
    assert "@everyone" not in outside
    assert "![" not in outside
    assert outside.count("<details>") == outside.count("</details>")


def _outside_of_fences(text: str) -> str:
    kept: list[str] = []
    fence = ""
    for line in text.splitlines():
        found = re.match(r"`{3,}", line)
        if fence:
            fence = "" if line == fence else fence
        elif found:
            fence = found[0]
        else:
            kept.append(line)
    return "\n".join(kept)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("not JSON", "not JSON"),
        ("[]", "not an object"),
        ('{"stack": "dev`\\n# x", "cloud": "azure"}', "stack: not a stack name"),
        ('{"stack": "dev", "cloud": "moon"}', "cloud: not one of simulated, azure"),
        ('{"stack": "dev", "cloud": "azure", "steps": [1]}', "steps: not objects"),
        ('{"stack": "dev", "cloud": "azure", "failure": {}}', "failure: not a text"),
        ('{"stack": "dev", "cloud": "azure", "shown": {"a": 1}}', "a: not a text"),
        ('{"stack": "dev", "cloud": "azure", "after": {"@all": ""}}', "other characters"),
    ],
)
def test_a_report_that_is_none_is_refused(text: str, reason: str):
    with pytest.raises(BadReport, match=re.escape(reason)):
        Report.of(text)


def test_bad_reports_are_named_and_the_others_are_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(comment, "MAX_REPORT_BYTES", 2000)
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "good.json").write_text(json.dumps(asdict(REPORT)))
    (tmp_path / "bad.json").write_text("{}")
    (tmp_path / "large.json").write_text(" " * 2001)
    assert comment.main([str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert "Stack `dev`" in said.out
    assert "bad.json is omitted: stack" in said.err
    assert "large.json is omitted: larger than 2,000 bytes" in said.err
