"""The rules of Kubernetes and AKS for the applications, a short function for each subject."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from ipaddress import IPv4Network
from typing import TypeVar

from components.addressing import AddressPlan, SubnetKey
from components.problems import Problem
from components.settings import certificate_rules, host_rules, key_vault
from components.settings.cluster import ClusterSettings
from components.settings.kubernetes import (
    API_SERVER,
    NAMED_DESTINATIONS,
    Application,
    Conversation,
    Egress,
    KubernetesSettings,
    Pods,
    Service,
    Workload,
)
from components.settings.network import NetworkSettings
from components.settings.partial import readable, skips_unreadable
from components.settings.paths import APPLICATIONS, KUBERNETES
from components.settings.windows_versions import WINDOWS_2022

RESERVED_NAMESPACES = frozenset(
    {
        "app-routing-system",
        "azure-alb-system",
        "calico-system",
        "default",
        "gatekeeper-system",
        "haproxy-controller",
        "ingress-gateway",
        "projectcontour",
        "tigera-operator",
        "traefik",
    }
)
"""Namespaces of Kubernetes itself, of what AKS installs, and of the ingress controllers."""
_RESERVED_PREFIXES = ("kube-", "aks-", "azure-")
"""`kube-` is Kubernetes' own ("Namespaces", naming); AKS' add-ons use the others."""

LONGEST_NAMESPACE = 63 - len("keyvault-") - len("-ingress")
"""The application routing add-on labels the pod that fetches the certificate
`app: keyvault-<name>-ingress`, and a label's value has at most 63 characters."""
LONGEST_APP = 63 - len("-policy")
"""Policies are named `<app>-policy` and `<app>-egress`."""

_POLICIES_ON_WINDOWS = "calico"
"""Cilium and Azure's engine guard Linux pods only ("Secure traffic between pods by using network
policies in AKS"; Azure's engine left Windows on 2026-09-30)."""
_GUARDED_IMAGE = WINDOWS_2022
"""AKS' Calico guards no pods on Windows Server 2025 (same page; projectcalico/calico issue
11691)."""


_Item = TypeVar("_Item")


@skips_unreadable
def problems(kubernetes: KubernetesSettings) -> Iterator[Problem]:
    """Problems within the applications."""
    applications = kubernetes.applications
    yield from _unique(APPLICATIONS, "name", readable(lambda each: each.name, applications))
    yield from host_rules.one_owner(applications)
    for position, application in enumerate(applications):
        path = f"{APPLICATIONS}[{position}]"
        yield from _namespace(path, application)
        yield from _services(path, application)
        yield from _workloads(path, application)
        yield from host_rules.host_has_path(path, application)
        yield from certificate_rules.one_source(path, application)
        yield from _allow(path, application, applications)
        yield from _egress(path, application)


@skips_unreadable
def delivery(cluster: ClusterSettings, kubernetes: KubernetesSettings) -> Iterator[Problem]:
    """A private API server is reachable only inside its networks; elsewhere a run would hang."""
    if kubernetes.delivery == "apply" and cluster.private and not kubernetes.reachable:
        yield Problem(
            f"{KUBERNETES}.delivery",
            "apply",
            "must not be apply: the API server is private and reachable only inside its networks",
            f"use delivery: render; if this program runs inside the networks, use {KUBERNETES}"
            ".reachable: true",
        )


@skips_unreadable
def windows(
    network: NetworkSettings, cluster: ClusterSettings, kubernetes: KubernetesSettings
) -> Iterator[Problem]:
    """Windows workloads need nodes, and an engine that enforces policies on them."""
    for position, application in enumerate(kubernetes.applications):
        for number, workload in _items(application, lambda each: each.workloads):
            path = f"{APPLICATIONS}[{position}].workloads[{number}].os"
            yield from _guarded(path, network, cluster, workload)
            yield from _has_nodes(path, cluster, workload)


@skips_unreadable
def _guarded(
    path: str, network: NetworkSettings, cluster: ClusterSettings, workload: Workload
) -> Iterator[Problem]:
    if workload.os != "Windows":
        return
    if network.policy != _POLICIES_ON_WINDOWS:
        rule = f"must be Linux: network.policy is {network.policy}, which covers Linux pods only"
        remedy = "use os: Linux, or aks-network:network.policy: calico"
        yield Problem(path, "Windows", rule, remedy)
    elif unguarded := _unguarded_pools(network, cluster):
        rule = (
            f"must be Linux: pool {unguarded[0]} runs Windows Server 2025, whose pods no network "
            "policy restricts"
        )
        remedy = f"use os: Linux, or osSku: {_GUARDED_IMAGE} for all Windows pools"
        yield Problem(path, "Windows", rule, remedy)


def _unguarded_pools(network: NetworkSettings, cluster: ClusterSettings) -> list[str]:
    """The Windows pools whose pods no network policy restricts. Cilium has no Windows pools."""
    if network.policy == "cilium":
        return []
    return [
        name
        for name, image in cluster.windows_pools.items()
        if network.policy != _POLICIES_ON_WINDOWS or image != _GUARDED_IMAGE
    ]


@skips_unreadable
def _has_nodes(path: str, cluster: ClusterSettings, workload: Workload) -> Iterator[Problem]:
    if workload.os == "Windows" and not cluster.has_windows:
        rule = "must be Linux: no node pool runs Windows"
        yield Problem(path, "Windows", rule, "use os: Linux, or add a Windows pool")


@skips_unreadable
def destinations(kubernetes: KubernetesSettings, plan: AddressPlan) -> Iterator[Problem]:
    """Named destinations of egress exist, and no range covers pods or nodes.

    With Cilium an `ipBlock` matches neither ("Azure CNI Powered by Cilium", limitations), and with
    every other engine it would open all applications on those addresses. A single address is
    accepted: the private endpoint of an API server is in the node subnet, and is neither.
    """
    inside = [s.network for s in plan.subnets if s.demand.family in {"nodes", "pods"}]
    inside += [plan.pod_range.network] if plan.pod_range else []
    for position, application in enumerate(kubernetes.applications):
        for number, connection in _items(application, lambda each: each.egress):
            path = f"{APPLICATIONS}[{position}].egress[{number}].to"
            yield from _destinations(path, connection, plan, inside)


@skips_unreadable
def _destinations(
    path: str, connection: Egress, plan: AddressPlan, inside: Sequence[IPv4Network]
) -> Iterator[Problem]:
    for place in connection.to:
        if place == API_SERVER and not plan.has(SubnetKey.API_SERVER):
            rule = "must be an address: the API server has no subnet of its own"
            remedy = "use its address, or aks-network:cluster.apiServerVnetIntegration: true"
            yield Problem(path, place, rule, remedy)
        if place in NAMED_DESTINATIONS:
            continue
        network = IPv4Network(place)
        if network.num_addresses > 1 and any(network.subnet_of(one) for one in inside):
            rule = "must lie outside the cluster: its own pods are selected by label"
            remedy = "use allow of the application that listens: [{from: {application: …, app: …}, "
            remedy += "to: …}]"
            yield Problem(path, place, rule, remedy)


def _items(
    application: Application, read: Callable[[Application], Sequence[_Item]]
) -> Iterator[tuple[int, _Item]]:
    """The numbered entries of one of the application's lists; none where it can't be read."""
    for _, items in readable(read, [application]):
        yield from enumerate(items)


def advice(
    network: NetworkSettings, cluster: ClusterSettings, kubernetes: KubernetesSettings
) -> Iterator[str]:
    """Warnings about settings that Azure accepts."""
    if kubernetes.delivery == "apply" and not cluster.admin_group_object_ids:
        yield (
            "aks-network:cluster.adminGroupObjectIds is empty: the cluster refuses the "
            "applications' objects unless the user who runs this has the role Azure Kubernetes "
            "Service RBAC Cluster Admin; set it to a group of Entra ID with that user"
        )
    for position, application in enumerate(kubernetes.applications):
        certificate_id = application.tls.certificate_id if application.tls else None
        if certificate_id and key_vault.has_version(certificate_id):
            yield (
                f"{APPLICATIONS}[{position}].tls.certificateId contains a version, so a renewed "
                "certificate is not used: remove the version"
            )
    unguarded = _unguarded_pools(network, cluster)
    if kubernetes.applications and unguarded:
        covered = "Linux pods only"
        if network.policy == _POLICIES_ON_WINDOWS:
            covered = "no pods on Windows Server 2025"
        yield (
            f"network policy {network.policy} covers {covered}: no policy restricts the pods on "
            f"the Windows pools {', '.join(unguarded)}"
        )


@skips_unreadable
def _namespace(path: str, application: Application) -> Iterator[Problem]:
    name = application.name
    if name in RESERVED_NAMESPACES or name.startswith(_RESERVED_PREFIXES):
        rule = "must not be a namespace of Kubernetes, of AKS or of an ingress controller"
        yield Problem(f"{path}.name", name, rule, "use another name")
    if len(name) > LONGEST_NAMESPACE:
        rule = (
            f"must have at most {LONGEST_NAMESPACE} characters: the add-on labels pods "
            "keyvault-<name>-ingress"
        )
        yield Problem(f"{path}.name", name, rule, "use a shorter name")


def _length_of_app(path: str, app: str) -> Iterator[Problem]:
    if len(app) > LONGEST_APP:
        rule = f"must have at most {LONGEST_APP} characters: a policy is called <app>-policy"
        yield Problem(f"{path}.app", app, rule, "use a shorter name")


@skips_unreadable
def _workloads(path: str, application: Application) -> Iterator[Problem]:
    apps = list(readable(lambda each: each.app, application.workloads))
    yield from _unique(f"{path}.workloads", "app", apps)
    for position, app in apps:
        yield from _length_of_app(f"{path}.workloads[{position}]", app)


@skips_unreadable
def _services(path: str, application: Application) -> Iterator[Problem]:
    names = readable(lambda each: each.name, application.services)
    yield from _unique(f"{path}.services", "name", names)
    for position, app in readable(lambda each: each.app, application.services):
        yield from _length_of_app(f"{path}.services[{position}]", app)
    yield from host_rules.paths(path, application)
    for position, service in enumerate(application.services):
        yield from _target_port(f"{path}.services[{position}]", application, service)


@skips_unreadable
def _target_port(path: str, application: Application, service: Service) -> Iterator[Problem]:
    """The target port of pods that this program creates is a port that they listen on."""
    workloads = readable(lambda each: (each.app, each.port), application.workloads)
    ports = dict(each for _, each in workloads)
    if ports.get(service.app, service.target_port) != service.target_port:
        rule = f"must be the port that the workload {service.app} listens on, {ports[service.app]}"
        remedy = f"use targetPort: {ports[service.app]}, or change the workload's port"
        yield Problem(f"{path}.targetPort", str(service.target_port), rule, remedy)


@skips_unreadable
def _allow(
    path: str, application: Application, applications: Sequence[Application]
) -> Iterator[Problem]:
    for number, pair in enumerate(application.allow):
        yield from _target(f"{path}.allow[{number}].to", application, pair)
        yield from _source(f"{path}.allow[{number}].from", application, applications, pair)


@skips_unreadable
def _target(path: str, application: Application, pair: Conversation) -> Iterator[Problem]:
    yield from _known_app(path, pair.target, application.name, application.apps)


@skips_unreadable
def _source(
    path: str, application: Application, applications: Sequence[Application], pair: Conversation
) -> Iterator[Problem]:
    source = pair.source
    if not isinstance(source, Pods):
        yield from _known_app(path, source, application.name, application.apps)
        return
    names = [each.name for each in applications]
    if source.application not in names:
        rule = "must be the name of an application"
        remedy = f"use one of {', '.join(sorted(names))}"
        yield Problem(f"{path}.application", source.application, rule, remedy)
        return
    other = applications[names.index(source.application)]
    yield from _known_app(f"{path}.app", source.app, source.application, other.apps)


@skips_unreadable
def _egress(path: str, application: Application) -> Iterator[Problem]:
    for number, connection in enumerate(application.egress):
        yield from _source_of_egress(f"{path}.egress[{number}].from", application, connection)


@skips_unreadable
def _source_of_egress(path: str, application: Application, connection: Egress) -> Iterator[Problem]:
    if connection.source is not None:
        yield from _known_app(path, connection.source, application.name, application.apps)


def _known_app(path: str, app: str, application: str, known: Iterable[str]) -> Iterator[Problem]:
    if app not in known:
        rule = f"must be the app of a service or workload of {application}"
        remedy = f"use one of {', '.join(sorted(known))}" if known else "add a service or workload"
        yield Problem(path, app, rule, remedy)


def _unique(path: str, key: str, values: Iterable[tuple[int, str]]) -> Iterator[Problem]:
    """Each of the values at these positions must be unique."""
    values = list(values)
    count = Counter(value for _, value in values)
    for position, value in values:
        if count[value] > 1:
            rule = f"must be unique: {count[value]} entries have this {key}"
            yield Problem(f"{path}[{position}].{key}", value, rule, f"use a different {key}")
