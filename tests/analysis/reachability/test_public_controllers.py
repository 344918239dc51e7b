"""Controllers with a public address: each is seen, whatever installs it, and what it serves."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from analysis.load_balancers import load_balancers
from analysis.reachability import compute
from analysis.reachability.endpoints import Kind
from analysis.reachability.explain import explain
from analysis.stack_state import State
from cli import stack_file
from tests.analysis.reachability.changes import CONTROLLER, FRONTEND, Change, after, drop
from tests.analysis.reachability.states import Resources, as_state, named, passes
from tests.helpers.copies import copied
from tests.helpers.stacks import ROOT, run_program

OPEN = "tcp 80, 443"
PREFIX = "service.beta.kubernetes.io/azure-"


@functools.cache
def _external(controller: str) -> Resources:
    """The state of an example's stack with a public controller and no firewall."""
    config = stack_file.config_with_placeholders(ROOT / "examples" / "external-waf.yaml")
    config["aks-network:ingress"] |= {"controller": controller, "waf": "none"}
    if controller == "app-routing":
        config["aks-network:ingress"]["appRouting"] = {"implementation": "nginx"}
    return as_state(run_program(config))


@pytest.mark.parametrize("controller", ["app-routing", "traefik", "contour", "haproxy"])
def test_a_public_controller_is_open_from_everywhere_without_a_firewall(controller: str):
    matrix = compute(_external(controller))
    assert passes(matrix, "Internet", CONTROLLER) == OPEN
    assert passes(matrix, "Internet", FRONTEND) == f"{OPEN} through {CONTROLLER}"
    assert "no web application firewall inspects it" in explain(matrix, "Internet", FRONTEND)
    assert (matrix.skipped, matrix.inactive) == ((), ())


@pytest.mark.parametrize("controller", ["traefik", "contour", "haproxy"])
def test_the_policies_of_a_controllers_namespace_let_requests_in_and_nothing_else(controller: str):
    matrix = compute(_external(controller))
    (proxy,) = matrix.of_kind(Kind.CONTROLLER)
    assert proxy.pod is not None
    others = f"{proxy.pod.namespace}/(other pods)"
    ports = "tcp 8000, 8443" if controller == "traefik" else "tcp 8080, 8443"
    assert passes(matrix, FRONTEND, others) == "none"  # its own policy lets it go nowhere
    assert passes(matrix, "cluster DNS", others) == ports
    assert passes(matrix, CONTROLLER, others) == "all"


def test_the_default_controller_of_the_add_on_is_public():
    def default(resources: Resources) -> None:
        resources.remove(named(resources, "NginxIngressController", ""))
        cluster = named(resources, "ManagedCluster", "")["outputs"]
        cluster["ingressProfile"]["webAppRouting"]["nginx"] = {}
        ingress = named(resources, "Ingress", "-ingress")["outputs"]
        ingress["spec"]["ingressClassName"] = "webapprouting.kubernetes.azure.com"

    resources = copied(_external("app-routing"))
    default(resources)
    assert passes(compute(resources), "Internet", FRONTEND) == f"{OPEN} through {CONTROLLER}"


def _without_policies_of_traefik() -> Resources:
    """The state without the policies that are made for Traefik's ports."""
    return [
        item
        for item in copied(_external("traefik"))
        if item["type"].rpartition(":")[2] != "NetworkPolicy"
        or item["outputs"]["metadata"]["namespace"] != "traefik"
    ]


def _released(**outputs: Any) -> Resources:
    """The state with another chart in place of Traefik's, and its values."""
    resources = _without_policies_of_traefik()
    release = named(resources, "Release", "")
    release["outputs"] = {**release["outputs"], **outputs}
    return resources


CLASS = "publicingress"
ONLY_EIGHT = {f"{PREFIX}allowed-ip-ranges": "8.0.0.0/8"}


@pytest.mark.parametrize(
    ("chart", "values", "expected"),
    [
        ("traefik", {"ingressClass": {"name": CLASS}}, OPEN),
        ("traefik", {"ingressClass": {"name": CLASS}, "service": {"type": "ClusterIP"}}, "none"),
        ("traefik", {"ingressClass": {"name": CLASS}, "service": {"enabled": False}}, "none"),
        ("oci://ghcr.io/x/traefik", {"ingressClass": {"name": CLASS}}, OPEN),
        ("ingress-nginx", {"controller": {"ingressClassResource": {"name": CLASS}}}, OPEN),
        ("kubernetes-ingress", {"controller": {"ingressClass": CLASS}}, "none"),
        (
            "kubernetes-ingress",
            {
                "controller": {
                    "ingressClass": CLASS,
                    "service": {"type": "LoadBalancer", "externalTrafficPolicy": "Local"},
                }
            },
            OPEN,
        ),
        # The chart's ports say HTTP: the load balancer requests /, and HAProxy answers 404.
        (
            "kubernetes-ingress",
            {"controller": {"ingressClass": CLASS, "service": {"type": "LoadBalancer"}}},
            "none",
        ),
        ("own", {"ingressClass": CLASS, "proxy": {"service": {"type": "LoadBalancer"}}}, OPEN),
        (
            "own",
            {"ingressClass": CLASS, "lb": {"annotations": ONLY_EIGHT}},
            f"{OPEN} from 8.0.0.0/8",
        ),
        (
            "traefik",
            {
                "ingressClass": {"name": CLASS},
                "service": {"spec": {"loadBalancerSourceRanges": ["8.0.0.0/8"]}},
            },
            f"{OPEN} from 8.0.0.0/8",
        ),
        (
            "traefik",
            {
                "ingressClass": {"name": CLASS},
                "service": {"annotations": {f"{PREFIX}load-balancer-internal": "true"}},
            },
            "none",
        ),
    ],
)
def test_a_charts_values_and_defaults_say_whether_its_controller_is_public(
    chart: str, values: dict[str, Any], expected: str
):
    matrix = compute(_released(chart=chart, values=values))
    through = f"{expected} through {CONTROLLER}"
    assert passes(matrix, "Internet", FRONTEND) == ("none" if expected == "none" else through)


def test_an_unknown_chart_without_a_load_balancer_in_its_values_is_named():
    matrix = compute(_released(chart="own", values={"replicas": 2}))
    (sentence,) = matrix.skipped
    assert "chart own is not known" in sentence
    (sentence,) = matrix.inactive
    assert f"no controller in the state serves its class {CLASS}" in sentence


def test_a_second_service_of_a_chart_is_a_controller_of_its_own():
    internal = {"type": "LoadBalancer", "annotations": {f"{PREFIX}load-balancer-internal": "true"}}
    values = {
        "ingressClass": {"name": CLASS},
        "service": {"additionalServices": {"private": internal}},
    }
    matrix = compute(_released(chart="traefik", values=values))
    assert passes(matrix, "Internet", "ingress controller traefik") == OPEN
    assert passes(matrix, "Internet", "ingress controller traefik-private") == "none"


def test_haproxys_chart_exposes_more_ports_unless_they_are_off():
    service = {"type": "LoadBalancer", "enablePorts": {"quic": False, "admin": False}}
    resources = _released(chart="kubernetes-ingress", values={"controller": {"service": service}})
    (found,) = load_balancers(State.from_export(resources))
    assert found.ports == (("tcp", 80), ("tcp", 443), ("tcp", 1024))


def _service(namespace: str, **spec: Any) -> dict[str, Any]:
    return _object(
        "Service",
        namespace,
        "web",
        spec={
            "type": "LoadBalancer",
            "selector": {"app": "proxy"},
            "ports": [{"port": 80}, {"port": 443}, {"port": 443, "protocol": "UDP"}],
            **spec,
        },
    )


def _object(kind: str, namespace: str, name: str, **fields: Any) -> dict[str, Any]:
    return {
        "type": f"kubernetes:v1:{kind}",
        "id": f"{kind} {namespace}/{name}",
        "inputs": {},
        "outputs": {"metadata": {"name": name, "namespace": namespace}, **fields},
    }


def _deployment(namespace: str, *arguments: str) -> dict[str, Any]:
    template = {
        "metadata": {"labels": {"app": "proxy"}},
        "spec": {"containers": [{"args": list(arguments)}]},
    }
    return _object("Deployment", namespace, "proxy", spec={"template": template})


def _own(*arguments: str, **spec: Any) -> Change:
    """A controller that is installed by its objects, in the namespace of Traefik's."""

    def change(resources: Resources) -> None:
        resources.remove(named(resources, "Release", ""))
        resources += [_service("traefik", **spec), _deployment("traefik", *arguments)]
        resources.append(
            _object("IngressClass", "", CLASS, spec={"controller": "k8s.io/ingress-nginx"})
        )

    return change


@pytest.mark.parametrize(
    "argument",
    [
        f"--ingress-class={CLASS}",
        f"--providers.kubernetesingress.ingressclass={CLASS}",
        f"--ingress-class-name={CLASS}",
        "--controller-class=k8s.io/ingress-nginx",
    ],
)
def test_a_controller_behind_a_service_serves_the_class_of_its_arguments(argument: str):
    resources = _without_policies_of_traefik()
    _own("--log=1", argument)(resources)
    assert passes(compute(resources), "Internet", FRONTEND) == f"{OPEN} through {CONTROLLER}"


def test_a_service_of_another_load_balancer_class_has_no_load_balancer_of_azures():
    resources = copied(_external("traefik"))
    _own(f"--ingress-class={CLASS}", loadBalancerClass="other.io/lb")(resources)
    assert passes(compute(resources), "Internet", FRONTEND) == "none"


def test_services_of_one_name_in_two_namespaces_are_two_controllers():
    resources = copied(_external("traefik"))
    resources += [_service("one"), _service("two", loadBalancerSourceRanges=["8.0.0.0/8"])]
    matrix = compute(resources)
    assert passes(matrix, "Internet", "ingress controller one/web") == OPEN
    assert passes(matrix, "Internet", "ingress controller two/web") == f"{OPEN} from 8.0.0.0/8"


def test_a_service_tag_that_is_admitted_is_the_only_source():
    tags = {f"{PREFIX}allowed-service-tags": "AzureFrontDoor.Backend"}
    resources = copied(_external("traefik"))
    values = named(resources, "Release", "")["outputs"]["values"]
    values["service"]["annotations"] = tags
    passed = passes(compute(resources), "Internet", FRONTEND)
    assert passed == f"{OPEN} from AzureFrontDoor.Backend through {CONTROLLER}"


def test_without_its_controller_a_public_class_is_served_by_nobody_in_the_state():
    matrix = after("nginx", drop("NginxIngressController", ""))
    assert passes(matrix, "Internet", FRONTEND) == "none"
    assert matrix.inactive == (
        f"Ingress myapp/myapp-ingress: no controller in the state serves its class {CLASS}.",
    )
