"""What Kubernetes and AKS ask of the applications' settings, one short function a subject."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network

from components.addressing import AddressPlan, SubnetKey
from components.problems import Problem
from components.settings import key_vault
from components.settings.cluster import ClusterSettings
from components.settings.ingress import GatewayWaf, IngressSettings
from components.settings.kubernetes import (
    API_SERVER,
    NAMED_DESTINATIONS,
    Application,
    Conversation,
    KubernetesSettings,
    Pods,
)
from components.settings.network import NetworkSettings

KUBERNETES = "aks-network:kubernetes"
APPLICATIONS = f"{KUBERNETES}.applications"

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


def problems(kubernetes: KubernetesSettings) -> Iterator[Problem]:
    """What is wrong with the applications by themselves."""
    applications = kubernetes.applications
    yield from _unique(APPLICATIONS, "name", [a.name for a in applications])
    yield from _hosts_of_one_application(applications)
    apps = {application.name: application.apps for application in applications}
    for position, application in enumerate(applications):
        path = f"{APPLICATIONS}[{position}]"
        yield from _names(path, application)
        yield from _services(path, application)
        yield from _tls(path, application)
        for number, pair in enumerate(application.allow):
            yield from _pair(f"{path}.allow[{number}]", application, pair, apps)
        for number, way in enumerate(application.egress):
            if way.source is not None:
                place = f"{path}.egress[{number}].from"
                yield from _known_app(place, way.source, application.name, application.apps)


def delivery(cluster: ClusterSettings, kubernetes: KubernetesSettings) -> Iterator[Problem]:
    """A private API server is reached from inside its networks only; elsewhere a run would hang."""
    if kubernetes.delivery == "apply" and cluster.private and not kubernetes.reachable:
        yield Problem(
            f"{KUBERNETES}.delivery",
            "apply",
            "a private API server answers inside its networks only",
            f"set delivery: render, or, where this program runs inside, {KUBERNETES}.reachable:"
            " true",
        )


def windows(
    network: NetworkSettings, cluster: ClusterSettings, kubernetes: KubernetesSettings
) -> Iterator[Problem]:
    """Windows workloads need nodes, and an engine that enforces policies on them."""
    for position, application in enumerate(kubernetes.applications):
        for number, workload in enumerate(application.workloads):
            if workload.os != "Windows":
                continue
            path = f"{APPLICATIONS}[{position}].workloads[{number}].os"
            if network.policy != _POLICIES_ON_WINDOWS:
                rule = f"nothing would guard it: policy {network.policy} covers Linux only"
                remedy = "set os: Linux, or aks-network:network.policy: calico"
                yield Problem(path, "Windows", rule, remedy)
            if not cluster.has_windows:
                rule = "no pool runs Windows"
                yield Problem(path, "Windows", rule, "set os: Linux, or add a Windows pool")


def firewall_hosts(ingress: IngressSettings, kubernetes: KubernetesSettings) -> Iterator[Problem]:
    """The gateway has a listener for each host, and can't be without any."""
    if isinstance(ingress.waf, GatewayWaf) and not kubernetes.public_hosts:
        yield Problem(
            APPLICATIONS,
            "",
            "name no host, and the gateway needs a listener",
            "give an application a host, or set aks-network:ingress.waf: none",
        )


def destinations(kubernetes: KubernetesSettings, plan: AddressPlan) -> Iterator[Problem]:
    """What egress names must exist, and pods and nodes are named by label, never by address.

    With Cilium an `ipBlock` matches neither ("Azure CNI Powered by Cilium", limitations), and with
    every other engine it would open all applications on those addresses. A single address is let
    through: the private endpoint of an API server lies among the nodes and is neither.
    """
    inside = [s.network for s in plan.subnets if s.demand.family in {"nodes", "pods"}]
    inside += [plan.pod_range.network] if plan.pod_range else []
    for position, application in enumerate(kubernetes.applications):
        for number, way in enumerate(application.egress):
            path = f"{APPLICATIONS}[{position}].egress[{number}].to"
            for place in way.to:
                if place == API_SERVER and not plan.has(SubnetKey.API_SERVER):
                    rule = "has no subnet of its own here"
                    remedy = "set aks-network:cluster.apiServerVnetIntegration: true, or name its "
                    yield Problem(path, place, rule, f"{remedy}address")
                if place in NAMED_DESTINATIONS:
                    continue
                network = IPv4Network(place)
                if network.num_addresses > 1 and any(network.subnet_of(r) for r in inside):
                    rule = "lies among the cluster's own nodes and pods, which have labels"
                    remedy = "declare it at the application that listens: allow: [{from: "
                    remedy += "{application: …, app: …}, to: …}]"
                    yield Problem(path, place, rule, remedy)


def advice(
    network: NetworkSettings, cluster: ClusterSettings, kubernetes: KubernetesSettings
) -> Iterator[str]:
    """What is accepted, and worth knowing before it surprises."""
    if kubernetes.delivery == "apply" and not cluster.admin_group_object_ids:
        yield (
            "aks-network:cluster.adminGroupObjectIds is empty: unless who runs this has the role "
            "Azure Kubernetes Service RBAC Cluster Admin, the cluster refuses the applications' "
            "objects; set it to a group of Entra ID that holds whoever runs this"
        )
    for position, application in enumerate(kubernetes.applications):
        certificate_id = application.tls.certificate_id if application.tls else None
        if certificate_id and key_vault.has_version(certificate_id):
            yield (
                f"{APPLICATIONS}[{position}].tls.certificateId names one version, so that a "
                "renewed certificate is not seen: leave the version out"
            )
    if (
        kubernetes.applications
        and cluster.has_windows
        and network.policy
        not in {
            _POLICIES_ON_WINDOWS,
            "cilium",  # has no Windows pools at all
        }
    ):
        yield (
            f"network policy {network.policy} covers Linux pods only; what runs on the Windows "
            "pools is guarded by none"
        )


def _names(path: str, application: Application) -> Iterator[Problem]:
    name = application.name
    if name in RESERVED_NAMESPACES or name.startswith(_RESERVED_PREFIXES):
        rule = "is a namespace of Kubernetes or of AKS itself, or of an ingress controller"
        yield Problem(f"{path}.name", name, rule, "choose another name")
    if len(name) > LONGEST_NAMESPACE:
        rule = f"has {len(name)} characters; with keyvault-{'{name}'}-ingress at most "
        remedy = f"shorten it to {LONGEST_NAMESPACE}"
        yield Problem(f"{path}.name", name, f"{rule}{LONGEST_NAMESPACE}", remedy)
    named = [
        *((f"services[{n}]", s.app) for n, s in enumerate(application.services)),
        *((f"workloads[{n}]", w.app) for n, w in enumerate(application.workloads)),
    ]
    for place, app in named:
        if len(app) > LONGEST_APP:
            rule = f"has {len(app)} characters; the policies named after it allow {LONGEST_APP}"
            yield Problem(f"{path}.{place}.app", app, rule, f"shorten it to {LONGEST_APP}")
    yield from _unique(f"{path}.services", "name", [s.name for s in application.services])
    yield from _unique(f"{path}.workloads", "app", [w.app for w in application.workloads])


def _services(path: str, application: Application) -> Iterator[Problem]:
    """Each path under a host leads to one service."""
    taken = Counter(
        (service.host or application.host, _path(text))
        for service in application.services
        for text in service.paths
    )
    ports = {workload.app: workload.port for workload in application.workloads}
    for position, service in enumerate(application.services):
        place = f"{path}.services[{position}]"
        host = service.host or application.host
        for text in service.paths:
            if host is None:
                rule = f"is under no host: application {application.name} has none"
                yield Problem(f"{place}.path", text, rule, "give the application a host")
            elif taken[host, _path(text)] > 1:
                rule = f"stands {taken[host, _path(text)]} times under {host}, and a path once"
                yield Problem(f"{place}.path", text, rule, "change the path")
        if service.host and not service.paths:
            rule = "leads nowhere: the service has no path"
            yield Problem(f"{place}.host", service.host, rule, "give it a path, such as /")
        if ports.get(service.app, service.target_port) != service.target_port:
            rule = f"but the workload of {service.app} listens on {ports[service.app]}"
            remedy = f"set targetPort: {ports[service.app]}, or the workload's port"
            yield Problem(f"{place}.targetPort", str(service.target_port), rule, remedy)
    if application.host and application.host not in application.hosts:
        rule = "leads nowhere: no service has a path under it"
        yield Problem(f"{path}.host", application.host, rule, "give a service a path, such as /")


def _path(text: str) -> str:
    """Prefix matching goes by parts: a slash at the end makes no other path."""
    return text.rstrip("/") or "/"


def _tls(path: str, application: Application) -> Iterator[Problem]:
    """A certificate is for a host, and comes from one place."""
    tls = application.tls
    if tls is None:
        return
    place = f"{path}.tls"
    sources = (tls.secret_name, tls.certificate_id, tls.certificate_name)
    given = [source for source in sources if source is not None]
    if len(given) != 1:
        rule = "needs exactly one of secretName, certificateId and certificateName"
        yield Problem(place, ", ".join(given), rule, "name one, and remove the others")
    elif not application.hosts:
        rule = f"is for no host: application {application.name} has none"
        remedy = "give the application a host, or remove tls"
        yield Problem(place, given[0], rule, remedy)
    yield from key_vault.vault(place, tls.vault_id, tls.certificate_id, "certificateId")


def _pair(
    path: str, application: Application, pair: Conversation, apps: dict[str, tuple[str, ...]]
) -> Iterator[Problem]:
    yield from _known_app(f"{path}.to", pair.target, application.name, application.apps)
    source = pair.source
    if not isinstance(source, Pods):
        yield from _known_app(f"{path}.from", source, application.name, application.apps)
    elif source.application not in apps:
        rule = "is not the name of an application"
        remedy = f"use one of {', '.join(sorted(apps))}"
        yield Problem(f"{path}.from.application", source.application, rule, remedy)
    else:
        known = apps[source.application]
        yield from _known_app(f"{path}.from.app", source.app, source.application, known)


def _known_app(path: str, app: str, application: str, known: Iterable[str]) -> Iterator[Problem]:
    if app not in known:
        rule = f"no service or workload of {application} has this app"
        remedy = f"use one of {', '.join(sorted(known)) or 'its services'}"
        yield Problem(path, app, rule, remedy)


def _hosts_of_one_application(applications: Iterable[Application]) -> Iterator[Problem]:
    """A host is one application's: two Ingress objects of one host leave its certificate open."""
    owners: dict[str, str] = {}
    for position, application in enumerate(applications):
        for host in application.hosts:
            owner = owners.setdefault(host, application.name)
            if owner != application.name:
                rule = f"is a host of application {owner} already"
                path = f"{APPLICATIONS}[{position}].host"
                yield Problem(path, host, rule, "change the host")


def _unique(path: str, key: str, values: list[str]) -> Iterator[Problem]:
    count = Counter(values)
    for position, value in enumerate(values):
        if count[value] > 1:
            rule = f"stands {count[value]} times, and a {key} stands once"
            yield Problem(f"{path}[{position}].{key}", value, rule, f"change the {key}")
