"""Random applications: whatever the settings accept becomes valid objects that keep the promises.

What is expected is computed from the settings as written, and policies are evaluated by
`policy_evaluator`, so that no code is checked against itself.
"""

import itertools
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from components.kubernetes.application_manifests import manifests
from components.kubernetes.ingress_routes import IngressRoute, VaultCertificates
from components.kubernetes.manifest import Manifest
from components.kubernetes.network_policies import AllowedConnections, PolicyRanges
from components.settings.kubernetes import KubernetesSettings
from components.settings.kubernetes_rules import problems
from simulator.kubernetes import schemas
from tests.components.kubernetes.policy_evaluator import Pod, may_connect, pod
from tests.helpers.loops import each
from tests.helpers.thoroughness import examples

CONTROLLER = "app-routing-system"
ROUTE = IngressRoute("publicingress", CONTROLLER, VaultCertificates("https://v/secrets/tls"))
RANGES = PolicyRanges(cluster=("10.20.0.0/17", "10.244.0.0/16"), private_endpoints="10.20.194.0/24")
NODE, POD, ENDPOINT, ON_PREMISES = "10.20.0.9", "10.244.3.7", "10.20.194.4", "192.168.1.1"
PUBLIC, METADATA = "203.0.113.7", "169.254.169.254"
ADDRESSES = (NODE, POD, ENDPOINT, ON_PREMISES, PUBLIC, METADATA)
PORTS = (53, 80, 443, 8080, 9090)
REACHES = {
    "internet": {PUBLIC},
    "private-endpoints": {ENDPOINT},
    "192.168.0.0/16": {ON_PREMISES},
    "10.0.0.0/8": {ENDPOINT},
    "0.0.0.0/0": {ENDPOINT, ON_PREMISES, PUBLIC, METADATA},
}
"""What each destination means: never a pod or a node, which have labels."""

APPS = ("frontend", "backend", "worker")
apps = st.sampled_from(APPS)
names = st.sampled_from(["shop", "0", "x-1", "a" * 46, "my-team-shop"])
paths = st.sampled_from(["/", "/blog", "/blog/", "/blog/new", "/store", "/v1.2", "/~me/-_x/"])


def distinct(one: st.SearchStrategy[Any], least: int, most: int) -> st.SearchStrategy[list[Any]]:
    return st.lists(one, min_size=least, max_size=most).map(lambda rows: list(dict.fromkeys(rows)))


ports = distinct(st.sampled_from(PORTS), 0, 2)


@st.composite
def services(draw: st.DrawFn, host: str) -> list[dict[str, Any]]:
    names_of = st.sampled_from(["web", "api", "a", "s-1", "z" * 63])
    rows = draw(distinct(names_of, 1, 4))
    free = draw(distinct(paths, 0, 5))
    made: list[dict[str, Any]] = []
    for name in rows:
        own = [free.pop() for _ in range(draw(st.integers(0, 2))) if free]
        row: dict[str, Any] = {
            "name": name,
            "app": draw(apps),
            "path": own,
            "targetPort": draw(st.sampled_from([8080, 9090])),
        }
        if own and draw(st.booleans()):
            row["host"] = f"{draw(st.sampled_from(['a', 'b']))}.{host}"
        made.append(row)
    return made


@st.composite
def application(draw: st.DrawFn, name: str, others: list[str]) -> dict[str, Any]:
    host = f"{name.replace('-', 'x')}.example.com"
    made: dict[str, Any] = {
        "name": name,
        "host": host,
        "services": draw(services(host)),
    }
    # A workload where the services of its app agree on the port.
    for app in APPS:
        listening = {row["targetPort"] for row in made["services"] if row["app"] == app} or {8080}
        if len(listening) == 1:
            row = {"app": app, "image": "example.com/app:1", "port": listening.pop()}
            made.setdefault("workloads", []).append(row)
    if not any(row["path"] and "host" not in row for row in made["services"]):
        del made["host"]
    source = apps | st.builds(
        lambda other, app: {"application": other, "app": app}, st.sampled_from(others), apps
    )
    pair = st.builds(lambda s, t, p: {"from": s, "to": t, "ports": p}, source, apps, ports)
    way = st.builds(
        lambda s, to, p: {**({"from": s} if s else {}), "to": to, "ports": p},
        st.none() | apps,
        distinct(st.sampled_from(sorted(REACHES)), 1, 2),
        distinct(st.sampled_from(PORTS), 1, 2),
    )
    made["allow"] = draw(st.lists(pair, max_size=4))
    made["egress"] = draw(st.lists(way, max_size=2))
    return made


@st.composite
def configurations(draw: st.DrawFn) -> list[dict[str, Any]]:
    chosen = draw(distinct(names, 1, 3))
    return [draw(application(name, chosen)) for name in chosen]


def objects(raw: list[dict[str, Any]]) -> list[Manifest]:
    """All objects of a configuration; a configuration that the rules refuse is passed over."""
    read = KubernetesSettings.model_validate({"applications": as_tuples(raw)})
    assume(not list(problems(read)))
    connections = AllowedConnections.of(read.applications)
    made = [manifests(one, [ROUTE], connections, RANGES) for one in read.applications]
    return list(itertools.chain.from_iterable(made))


def as_tuples(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(as_tuples(item) for item in value)
    if isinstance(value, dict):
        return {key: as_tuples(item) for key, item in value.items()}
    return value


def of_kind(made: list[Manifest], kind: str) -> list[Manifest]:
    return [one for one in made if one["kind"] == kind]


thorough = settings(
    max_examples=examples(40),
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


@thorough
@given(configurations())
def test_every_accepted_configuration_makes_valid_objects_with_names_of_their_own(raw: Any):
    made = objects(raw)
    for one in made:
        assert list(schemas.problems("1.35", one)) == []
        assert len(one["metadata"]["name"]) <= 63 or one["kind"] == "NetworkPolicy"
    keys = [(m["kind"], m["metadata"].get("namespace"), m["metadata"]["name"]) for m in made]
    assert len(set(keys)) == len(keys)


@thorough
@given(configurations())
def test_every_namespace_is_closed_but_for_dns(raw: Any):
    made = objects(raw)
    policies = of_kind(made, "NetworkPolicy")
    dns = pod("kube-system", **{"k8s-app": "kube-dns"})
    for namespace in each(of_kind(made, "Namespace")):
        stranger = pod(namespace["metadata"]["name"], app="undeclared")
        assert may_connect(policies, stranger, dns, 53, "UDP")
        assert may_connect(policies, stranger, dns, 53, "TCP")
        assert not may_connect(policies, stranger, dns, 80)
        assert not may_connect(policies, stranger, pod("elsewhere", app="backend"), 8080)
        assert not may_connect(policies, pod("elsewhere"), stranger, 8080)
        assert not may_connect(policies, pod(CONTROLLER), stranger, 8080)
        assert not may_connect(policies, PUBLIC, stranger, 8080)


@thorough
@given(configurations())
def test_only_declared_pairs_talk_and_only_on_declared_ports(raw: Any):
    policies = of_kind(objects(raw), "NetworkPolicy")
    pods = [pod(one["name"], app=app) for one in raw for app in APPS]
    for source, target, port in itertools.product(pods, pods, PORTS):
        assert may_connect(policies, source, target, port) == declared(raw, source, target, port)


def declared(raw: list[dict[str, Any]], source: Pod, target: Pod, port: int) -> bool:
    (owner,) = (one for one in raw if one["name"] == target.namespace)
    for pair in owner["allow"]:
        speaker = pair["from"]
        if isinstance(speaker, str):
            speaker = {"application": owner["name"], "app": speaker}
        if (
            (speaker["application"], speaker["app"])
            == (source.namespace, dict(source.labels)["app"])
            and pair["to"] == dict(target.labels)["app"]
            and (not pair["ports"] or port in pair["ports"])
        ):
            return True
    return False


@thorough
@given(configurations())
def test_the_controller_reaches_exactly_what_paths_lead_to(raw: Any):
    policies = of_kind(objects(raw), "NetworkPolicy")
    for one, app, port in itertools.product(raw, APPS, PORTS):
        exposed = any(
            row["path"] and row["app"] == app and row["targetPort"] == port
            for row in one["services"]
        )
        target = pod(one["name"], app=app)
        assert may_connect(policies, pod(CONTROLLER, app="nginx"), target, port) == exposed
        assert not may_connect(policies, PUBLIC, target, port)


@thorough
@given(configurations())
def test_egress_is_allowed_to_declared_destinations_only_and_never_to_nodes_or_pods_by_range(
    raw: Any,
):
    policies = of_kind(objects(raw), "NetworkPolicy")
    for one, app, port, address in itertools.product(raw, APPS, PORTS, ADDRESSES):
        wanted = any(
            way.get("from", app) == app
            and port in way["ports"]
            and any(address in REACHES[place] for place in way["to"])
            for way in one["egress"]
        )
        assert may_connect(policies, pod(one["name"], app=app), address, port) == wanted


@thorough
@given(configurations())
def test_every_path_leads_to_a_service_that_exists_and_every_declared_path_is_there(raw: Any):
    made = objects(raw)
    ports_of = {
        (s["metadata"]["namespace"], s["metadata"]["name"]): [p["port"] for p in s["spec"]["ports"]]
        for s in of_kind(made, "Service")
    }
    found = set[tuple[str, str, str]]()
    for ingress in of_kind(made, "Ingress"):
        namespace = ingress["metadata"]["namespace"]
        hosts = {host for entry in ingress["spec"]["tls"] for host in entry["hosts"]}
        for rule in ingress["spec"]["rules"]:
            assert rule["host"] in hosts
            for row in rule["http"]["paths"]:
                service = row["backend"]["service"]
                assert service["port"]["number"] in ports_of[namespace, service["name"]]
                found.add((rule["host"], row["path"], service["name"]))
    assert found == {
        (row.get("host") or one["host"], path, row["name"])
        for one in raw
        for row in one["services"]
        for path in row["path"]
    }
