"""The matrix as table, picture, text for comparison, and the explanation of a pair."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from analysis.reachability import Matrix, compute
from analysis.reachability.explain import explain
from analysis.reachability.picture import render_svg
from analysis.reachability.show import render
from analysis.reachability.snapshot import differences, dump, load, snapshot_of
from analysis.reachability.table import table
from cli import reachability as command
from tests.analysis.reachability.changes import Change, add, after, drop, nested
from tests.analysis.reachability.states import ENABLED, LARGE, matrix_of, removal, state_of
from tests.helpers.loops import each
from tests.helpers.stacks import STACKS

WIDTH = 100
SHOWN = (*STACKS, "agc", ENABLED, LARGE)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(params=SHOWN)
def matrix(request: pytest.FixtureRequest) -> Matrix:
    return matrix_of(request.param)


def test_the_table_fits_the_terminal(matrix: Matrix):
    assert max(map(len, render(matrix).splitlines())) <= WIDTH


def test_every_endpoint_is_a_row_or_named_as_a_column(matrix: Matrix):
    text = render(matrix)
    for line in each(table(matrix).lines):
        assert line.name in text


def test_every_code_is_a_port_or_explained(matrix: Matrix):
    shown = table(matrix)
    legend = render(matrix).split("Columns only")[1]
    assert len(set(shown.codes.values())) == len(shown.codes)
    for texts, code in shown.codes.items():
        if texts and texts not in {(f"tcp {code}",), (code,)}:
            assert f" {code}  {texts[0][:40]}" in legend


def test_pools_that_are_alike_share_a_line():
    names = [line.name for line in table(matrix_of("prod")).lines]
    assert "nodes system, apps, win" in names


def test_a_line_for_many_names_two_and_the_legend_all():
    text = render(matrix_of(LARGE))
    assert "nodes system, apps0 and 3 more" in text
    assert " 7  system, apps0, apps1, apps2, apps3" in text
    assert "(other pods) of myapp, shop0 and 9 more" in text
    assert f"  myapp, {', '.join(f'shop{n}' for n in range(10))}" in text


def test_many_columns_stand_below_each_other_with_the_rows_that_have_something():
    text = render(matrix_of(LARGE))
    assert text.count(" 1 Internet") > 1
    assert text.count(" 2 Azure's gateway management") == 1
    assert "Rows without traffic are left out." in text


def test_a_pool_that_is_reached_differently_has_a_line_of_its_own():
    resources = state_of("prod")
    for item in resources:
        if item["id"].endswith("/agentPools/win"):
            for side in ("inputs", "outputs"):
                subnet = item[side]["vnetSubnetID"]
                item[side]["vnetSubnetID"] = subnet.replace("-nodes", "-privateendpoints")
    names = [line.name for line in table(compute(resources)).lines]
    assert "nodes win (Windows)" in names


def test_the_picture_has_a_cell_for_every_pair_that_speaks(matrix: Matrix):
    shown = table(matrix)
    tree = ET.fromstring(render_svg(matrix, "Who reaches whom"))  # noqa: S314 - our own text
    hints = [node.text or "" for node in tree.findall(f"{SVG}g/{SVG}title")]
    assert len(hints) == len(shown.cells)
    for (source, target), texts in shown.cells.items():
        pair = f"{shown.lines[source].name} → {shown.lines[target].name}: "
        assert pair + ("; ".join(texts) or "nothing") in hints


def test_the_pictures_texts_stay_within_it(matrix: Matrix):
    tree = ET.fromstring(render_svg(matrix, "Who reaches whom"))  # noqa: S314 - our own text
    shown = [node for node in tree.iter(f"{SVG}text") if node.get("text-anchor") is None]
    level = [node for node in shown if node.get("transform") is None]
    assert level
    for node in level:
        ends = float(node.attrib["x"]) + len(node.text or "") * 0.55 * 13
        assert ends <= float(tree.attrib["width"]), node.text


def test_what_is_skipped_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    group = "gateway.networking.k8s.io/v1"
    made = add(f"kubernetes:{group}:TCPRoute", "route", apiVersion=group, kind="TCPRoute",
               metadata={"name": "queue", "namespace": "myapp"}, spec={})  # fmt: skip
    sentence = "TCPRoute myapp/queue: not supported; ingress paths through it are missing."
    matrix = after("agc", made)
    assert sentence in render_svg(matrix, "Who reaches whom")

    resources = state_of("agc")
    made(resources)
    export = tmp_path / "state.json"
    export.write_text(json.dumps({"deployment": {"resources": resources}}))
    assert command.main(["--state", str(export), "--pairs"]) == 0
    assert sentence in capsys.readouterr().err


def test_the_text_for_comparison_survives_being_written(matrix: Matrix):
    assert load(dump(matrix)) == snapshot_of(matrix)
    assert differences(load(dump(matrix)), snapshot_of(matrix)) == []


def test_the_order_of_a_state_does_not_matter(matrix: Matrix):
    stack = next(name for name in SHOWN if matrix_of(name) is matrix)
    assert dump(compute(state_of(stack)[::-1])) == dump(matrix)


def test_a_difference_says_who_what_was_and_what_is():
    before = snapshot_of(matrix_of("dev"))
    changed = removal("dev", "policy myapp/backend-policy").of(state_of("dev"))
    found = differences(before, snapshot_of(compute(changed)))
    was = before["myapp/backend"]["myapp/frontend"][0]
    assert found == [f"myapp/frontend → myapp/backend: expected {was}, found none"]


def test_rows_that_come_or_go_are_differences():
    assert differences({"a": {}}, {"b": {"c": ["all"]}}) == [
        "a: expected, but not there",
        "b: there, but not expected",
        "c → b: expected none, found all",
    ]


def test_an_explanation_names_the_rules_in_the_order_of_the_path():
    text = explain(matrix_of("dev"), "Bastion", "nodes system (Linux)")
    passing = text.split("denied")[0]
    order = ["AllowSshRdpOutbound", "management-to-cluster", "AllowOperatorsInbound", "AKS-managed"]
    positions = [passing.index(name) for name in order]
    assert positions == sorted(positions)


def test_an_explanation_says_what_denies():
    text = explain(matrix_of("prod"), "other pods", "myapp/backend")
    assert "not allowed by policy myapp/backend-policy, policy myapp/default-deny" in text


@pytest.mark.parametrize(
    ("stack", "change", "said"),
    [
        (
            "agc",
            drop("ReferenceGrant", ""),
            "Gateway ingress-gateway/applications: listener www-myapp-com does not use HTTP",
        ),
        (
            ENABLED,
            nested("HTTPRoute", "myapp-myapp-com", "spec", hostnames=["other.com"]),
            "HTTPRoute myapp/myapp-myapp-com: no listener accepts it.",
        ),
        (
            "nginx",
            nested("Ingress", "-ingress", "spec", ingressClassName="nobodys"),
            "Ingress myapp/myapp-ingress: no controller in the state serves its class nobodys.",
        ),
    ],
    ids=["certificate", "host", "class"],
)
def test_an_explanation_says_which_routes_serve_no_traffic(stack: str, change: Change, said: str):
    assert said in explain(after(stack, change), "Internet", "myapp/frontend")


def test_an_explanation_of_nobody_lists_who_there_is():
    with pytest.raises(
        ValueError, match=r"no such pair: me, you; the endpoints are Internet, .*Bastion"
    ):
        explain(matrix_of("dev"), "me", "you")


def test_the_command_reads_a_state_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    export = tmp_path / "state.json"
    export.write_text(json.dumps({"deployment": {"resources": state_of("dev")}}))
    asked = ["--state", str(export), "--explain", "jump box", "key vault"]
    assert command.main(asked) == 0
    assert "allowed  tcp 443" in capsys.readouterr().out


def test_the_command_says_what_to_do_when_nothing_is_deployed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    export = tmp_path / "state.json"
    export.write_text(json.dumps({"deployment": {}}))
    assert command.main(["--state", str(export)]) == 1
    assert capsys.readouterr().err == (
        "error: the state holds no resources: deploy the stack first (make up)\n"
    )
