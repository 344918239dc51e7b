"""Every example can be analysed, and keeps the promises that no choice may break."""

from __future__ import annotations

import pytest
import yaml

from analysis.reachability import Matrix, addresses, services
from analysis.reachability.endpoints import Kind
from analysis.reachability.matrix import ProxiedPath
from tests.analysis.reachability.states import BYO_VNET, ENABLED, EXAMPLES, matrix_of, passes
from tests.helpers.loops import each
from tests.helpers.stacks import ROOT

ANALYSED = (*(name for name in EXAMPLES if name != BYO_VNET), ENABLED)


@pytest.mark.parametrize("example", ANALYSED)
def test_an_example_keeps_its_machines_from_the_internet(example: str):
    matrix = matrix_of(example)
    nodes = matrix.of_kind(Kind.NODES)
    assert nodes
    for target in (*nodes, *matrix.of_kind(Kind.MACHINE)):
        assert not matrix.between("Internet", target.name).is_reachable, target.name
    for target in matrix.of_kind(Kind.PODS):
        assert not matrix.between("Internet", target.name).direct, target.name


def test_a_subnet_that_the_state_does_not_hold_is_refused_by_its_name():
    with pytest.raises(ValueError, match=r"subnets/snet-aks-nodes is not in the state"):
        matrix_of(BYO_VNET)


def test_an_api_server_inside_the_network_reaches_the_kubelets():
    matrix = matrix_of("vnet-api")
    (server,) = matrix.of_kind(Kind.API_SERVER)
    assert server.sends
    for target in each(matrix.of_kind(Kind.NODES)):
        assert services.tcp(10250) <= matrix.between(server.name, target.name).services


@pytest.mark.parametrize("example", ANALYSED)
def test_an_examples_nodes_reach_each_other_and_their_api_server(example: str):
    matrix = matrix_of(example)
    for source in each(matrix.of_kind(Kind.NODES)):
        assert matrix.between(source.name, "API server").services == services.tcp(443)
        for target in matrix.of_kind(Kind.NODES):
            passed = matrix.between(source.name, target.name).services
            assert services.EVERYTHING - passed <= services.tcp(22, 3389)


@pytest.mark.parametrize("example", ANALYSED)
def test_nothing_of_an_example_is_left_out_or_leads_nowhere(example: str):
    assert matrix_of(example).skipped == ()
    assert matrix_of(example).inactive == ()


CONTROLLER = "ingress controller"
GATEWAY, FOR_CONTAINERS = "Application Gateway", "Application Gateway for Containers"
BY_HTTPS = f"tcp 443 through {GATEWAY} with WAF, {CONTROLLER}"
BY_A_THIRD_PARTY = f"tcp 443 from 198.51.100.0/24, 203.0.113.0/24 through {CONTROLLER}"
INGRESS_PATHS = {
    "agc": {"myapp/frontend": f"tcp 443 through {FOR_CONTAINERS} with WAF"},
    # AGIC redirects by its own listener, which only the Ingress knows: both ports are open.
    "agic": {"myapp/frontend": f"tcp 80, 443 through {GATEWAY} with WAF"},
    "contour": {},
    "external-waf": {"myapp/frontend": BY_A_THIRD_PARTY},
    "nginx": {"myapp/frontend": BY_HTTPS},
    ENABLED: {"myapp/frontend": BY_HTTPS},
    "haproxy": {"myapp/frontend": BY_HTTPS},
    "kv-certificate": {
        "myapp/frontend": BY_A_THIRD_PARTY,
        "partners/partners": BY_A_THIRD_PARTY,
    },
    "internal-class": {"myapp/frontend": f"{BY_HTTPS} applications"},
    "observability": {},
    "traefik": {"myapp/frontend": BY_HTTPS},
    "waf-rules": {"myapp/frontend": BY_HTTPS},
}
"""How the Internet reaches an example's applications: all ingress paths, by target.

Contour is for private clients only. Observability delivers no objects. Examples that are not listed
have no application."""


@pytest.mark.parametrize("example", ANALYSED)
def test_an_example_has_the_ingress_paths_that_it_is_about(example: str):
    matrix = matrix_of(example)
    found = {
        target.name: passed
        for target in matrix.of_kind(Kind.PODS)
        if (passed := passes(matrix, "Internet", target.name)) != "none"
    }
    assert found == INGRESS_PATHS.get(example, {})


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_with_applications_has_its_ingress_paths_listed(example: str):
    assert ("applications" in _section(example, "kubernetes")) == (example in INGRESS_PATHS)


@pytest.mark.parametrize("example", [name for name, paths in INGRESS_PATHS.items() if paths])
def test_with_a_firewall_every_path_from_the_internet_to_an_application_passes_it(example: str):
    """Whether there is one is read from the settings, which the analysis knows nothing of."""
    waf = _section(example.partition(",")[0], "ingress").get("waf")
    own = isinstance(waf, dict) and "external" not in waf
    for proxied in each(_proxied_paths(matrix_of(example))):
        assert bool(proxied.waf_policies) == own, proxied


@pytest.mark.parametrize("example", ["external-waf", "kv-certificate"])
def test_without_a_firewall_of_ours_only_the_third_partys_ranges_come_in(example: str):
    for proxied in each(_proxied_paths(matrix_of(example))):
        assert not proxied.waf_policies
        assert proxied.sources == addresses.networks(("198.51.100.0/24", "203.0.113.0/24"))


def test_the_internal_class_is_reached_from_inside_the_networks_only():
    matrix = matrix_of("internal-class")
    internal = f"{CONTROLLER} internalingress"
    assert passes(matrix, "Internet", "office/office") == "none"
    assert passes(matrix, "Internet", internal) == "none"
    assert passes(matrix, "jump box", internal) == "tcp 80, 443"
    assert passes(matrix, "jump box", "office/office") == f"tcp 443 through {internal}"


def _section(example: str, name: str) -> dict[str, object]:
    config = yaml.safe_load((ROOT / "examples" / f"{example}.yaml").read_text())["config"]
    return config.get(f"aks-network:{name}", {})


def _proxied_paths(matrix: Matrix) -> list[ProxiedPath]:
    return [
        proxied
        for target in matrix.of_kind(Kind.PODS)
        for proxied in matrix.between("Internet", target.name).proxied
    ]
