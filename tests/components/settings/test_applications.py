"""What the applications' settings may hold; every refusal with its path and a remedy."""

from collections.abc import Callable
from typing import Any

import pytest

from components.settings.load import configuration
from tests.helpers import broken
from tests.helpers.stacks import configuration_of

Edit = Callable[[dict[str, Any]], None]
IMAGE = "example.com/app:1.0"
VAULT = "https://kv-existing.vault.azure.net"
KEY_VAULTS = (
    "/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/rg/providers"
    "/Microsoft.KeyVault/vaults"
)


def problems(edit: Edit, stack: str = "dev") -> dict[str, str]:
    config = configuration_of(stack)
    edit(config)
    return broken.problems(config)


def kubernetes(**changes: Any) -> Edit:
    return lambda config: config["aks-network:kubernetes"].update(changes)


def first(**changes: Any) -> Edit:
    return lambda config: config["aks-network:kubernetes"]["applications"][0].update(changes)


def service(**changes: Any) -> Edit:
    def edit(config: dict[str, Any]) -> None:
        services = config["aks-network:kubernetes"]["applications"][0]["services"]
        services[0].update(changes)

    return edit


def allow(**pair: Any) -> Edit:
    return first(allow=[pair])


def egress(**way: Any) -> Edit:
    return first(egress=[way])


def workload(**changes: Any) -> Edit:
    return first(workloads=[{"app": "frontend", "image": IMAGE, **changes}])


def another(**changes: Any) -> Edit:
    app = {"name": "other", "services": [{"name": "web", "app": "web"}], **changes}
    return lambda config: config["aks-network:kubernetes"]["applications"].append(app)


OTHER = {"application": "other", "app": "web"}

CASES: list[tuple[str, Edit, str]] = [
    ("[0].name", first(name="default"), "of Kubernetes, of AKS"),
    ("[0].name", first(name="kube-system"), "of Kubernetes, of AKS"),
    ("[0].name", first(name="app-routing-system"), "of Kubernetes, of AKS"),
    ("[0].name", first(name="a" * 47), "at most 46 characters"),
    ("[0].name", first(name="a" * 64), "at most 63"),
    ("[1].name", another(name="myapp"), "must be unique: 2"),
    ("[1].host", another(host="myapp.com", services=[{"name": "w", "app": "w", "path": "/"}]),
     "application myapp has this host"),
    ("[0].host", first(services=[{"name": "w", "app": "w"}], allow=[], workloads=[]),
     "a service that has a path"),
    ("[0].services[0].name", service(name="1st"), "RFC 1035"),
    ("[0].services[0].name", service(name="storeservice"), "must be unique: 2"),
    ("[0].services[0].app", service(app="a" * 57), "at most 56 characters"),
    ("[0].services[0].path", service(path="/store"), "2 paths under myapp.com"),
    ("[0].services[0].path", service(path="/store/"), "2 paths under myapp.com"),
    ("[0].services[0].path", service(path="blog"), "must be a URL path"),
    ("[0].services[0].path", service(path="/a//b"), "must be a URL path"),
    ("[0].services[0].path", service(path="/a/../b"), "must be a URL path"),
    ("[0].services[0].path", first(host=None), "set the host of the application"),
    ("[0].services[0].host", service(path=[], host="blog.myapp.com"), "must come with a path"),
    ("[0].services[0].targetPort", service(targetPort=9090), "listens on, 8080"),
    ("[0].services[0].port", service(port=0), "at least 1"),
    ("[1].tls", another(tls={"secretName": "x"}), "must not be set: application"),
    ("[0].tls", first(tls={}), "exactly one"),
    ("[0].tls", first(tls={"secretName": "x", "certificateName": "y"}), "exactly one"),
    ("[0].tls", first(tls={"secretName": "x", "certificateId": f"{VAULT}/certificates/c"}),
     "exactly one"),
    ("[0].tls.certificateId", first(tls={"certificateId": f"{VAULT}/secrets/c"}),
     "ID of a Key Vault certificate"),
    ("[0].tls.certificateId",
     first(tls={"certificateId": "https://kv-existing.vault.azure.cn/certificates/c"}),
     "vault.azure.net"),
    ("[0].tls.certificateName", first(tls={"certificateName": "my_cert"}), "at most 127"),
    ("[0].tls.vaultId", first(tls={"secretName": "x", "vaultId": f"{KEY_VAULTS}/kv-existing"}),
     "without certificateId"),
    ("[0].tls.vaultId",
     first(tls={"certificateId": f"{VAULT}/certificates/c", "vaultId": f"{KEY_VAULTS}/kv-other"}),
     "must be the vault that certificateId lies in"),
    ("[0].workloads[0].image", workload(image="nginx"), "a tag other than latest"),
    ("[0].workloads[0].image", workload(image="nginx:latest"), "a tag other than latest"),
    ("[0].workloads[0].memory", workload(memory="lots"), "a Kubernetes quantity"),
    ("[0].workloads[0].os", workload(os="Windows"), "covers Linux pods only"),
    ("[0].workloads[1].app",
     first(workloads=[{"app": "frontend", "image": IMAGE}, {"app": "frontend", "image": IMAGE}]),
     "must be unique: 2"),
    ("[0].allow[0].from", allow(**{"from": "fronted", "to": "backend"}), "use one of backend"),
    ("[0].allow[0].to", allow(**{"from": "frontend", "to": "web"}), "use one of backend"),
    ("[0].allow[0].from.application", allow(**{"from": OTHER, "to": "backend"}),
     "must be the name of an application"),
    ("[0].allow[0].from.app",
     allow(**{"from": {"application": "myapp", "app": "x"}, "to": "backend"}), "use one of"),
    ("[0].allow[0].from.app", allow(**{"from": {"application": "myapp"}, "to": "backend"}),
     "is required"),
    ("[0].allow[0].ports[0]", allow(**{"from": "frontend", "to": "backend", "ports": ["http"]}),
     "must be a port"),
    ("[0].allow[0].ports[0]", allow(**{"from": "frontend", "to": "backend", "ports": [70000]}),
     "from 1 to 65535"),
    ("[0].allow[0].ports[0]", allow(**{"from": "frontend", "to": "backend", "ports": ["90-80"]}),
     "from 1 to 65535"),
    ("[0].egress[0].to", egress(to=[], ports=[443]), "must not be empty"),
    ("[0].egress[0].to", egress(to="example.com", ports=[443]), "IPv4 range"),
    ("[0].egress[0].to", egress(to="10.244.3.0/24", ports=[443]), "selected by label"),
    ("[0].egress[0].to", egress(to="10.20.0.0/18", ports=[443]), "selected by label"),
    ("[0].egress[0].to", egress(to="api-server", ports=[443]), "apiServerVnetIntegration"),
    ("[0].egress[0].ports", egress(to="internet"), "is required"),
    ("[0].egress[0].ports", egress(to="internet", ports=[]), "must not be empty"),
    ("[0].egress[0].from", egress(**{"from": "x", "to": "internet", "ports": [443]}),
     "use one of"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "edit", "words"), CASES, ids=[f"{path}-{words}" for path, _, words in CASES]
)
def test_what_kubernetes_would_refuse_is_refused_with_a_remedy(path: str, edit: Edit, words: str):
    found = problems(edit)
    key = f"aks-network:kubernetes.applications{path}"
    assert key in found, found
    assert words in found[key]
    assert found[key].count(" — ") >= 2


def test_delivery_to_a_private_api_server_from_outside_is_refused_before_it_hangs():
    found = problems(kubernetes(delivery="apply"), "prod")
    assert "reachable: true" in found["aks-network:kubernetes.delivery"]


def test_delivery_from_inside_reaches_a_private_api_server():
    config = configuration_of("prod")
    config["aks-network:kubernetes"] |= {"delivery": "apply", "reachable": True}
    assert configuration(config).settings.kubernetes.reachable


@pytest.mark.parametrize(
    ("given", "ports"), [(8080, ("8080",)), ([443, "53/UDP"], ("443", "53/UDP"))]
)
def test_ports_may_be_bare_numbers(given: Any, ports: tuple[str, ...]):
    config = configuration_of("dev")
    first(allow=[{"from": "frontend", "to": "backend", "ports": given}])(config)
    (pair,) = configuration(config).settings.kubernetes.applications[0].allow
    assert pair.ports == ports


def test_windows_workloads_need_windows_nodes():
    def edit(config: dict[str, Any]) -> None:
        workload(os="Windows")(config)
        cluster = config["aks-network:cluster"]
        cluster["nodePools"] = [p for p in cluster["nodePools"] if p["os"] == "Linux"]
        del cluster["windows"]

    found = problems(edit, "prod")
    assert (
        "no node pool runs Windows"
        in found["aks-network:kubernetes.applications[0].workloads[0].os"]
    )


def test_calico_guards_windows_workloads():
    config = configuration_of("prod")
    workload(os="Windows")(config)
    assert configuration(config).settings.kubernetes.applications[0].workloads[0].os == "Windows"


@pytest.mark.parametrize("address", ["10.60.0.0/24", "10.20.0.7/32", "0.0.0.0/0", "internet"])
def test_places_outside_and_single_addresses_may_be_named(address: str):
    config = configuration_of("dev")
    egress(to=address, ports=[443])(config)
    assert configuration(config).settings.kubernetes.applications[0].egress[0].to == (address,)


def test_who_applies_objects_is_advised_to_name_an_administrators_group():
    def advice(groups: list[str]) -> list[str]:
        config = configuration_of("dev")
        config["aks-network:cluster"]["adminGroupObjectIds"] = groups
        return [text for text in configuration(config).warnings if "adminGroup" in text]

    (text,) = advice([])
    assert "RBAC Cluster Admin" in text
    assert advice(["3f2504e0-4f89-41d3-9a0c-0305e82c3301"]) == []


def test_pods_on_windows_that_no_policy_guards_are_warned_of():
    config = configuration_of("prod")
    config["aks-network:network"]["policy"] = "azure"
    assert any("no policy restricts" in text for text in configuration(config).warnings)


def test_a_certificate_of_one_version_is_warned_about():
    def warnings(certificate: str) -> str:
        config = configuration_of("dev")
        first(tls={"certificateId": certificate})(config)
        return "".join(configuration(config).warnings)

    assert "tls.certificateId contains a version" in warnings(f"{VAULT}/certificates/c/{'0' * 32}")
    assert "certificateId" not in warnings(f"{VAULT}/certificates/c")
