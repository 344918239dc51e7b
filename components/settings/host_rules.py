"""What hosts and paths need: one owner, a service, a controller, and a name that DNS allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from components.problems import Problem
from components.settings.ingress import AGC, IngressSettings
from components.settings.kubernetes import Application, KubernetesSettings, Service
from components.settings.partial import readable, skips_unreadable
from components.settings.paths import APPLICATIONS, INGRESS
from components.settings.waf import GatewayWaf


@skips_unreadable
def served(ingress: IngressSettings, kubernetes: KubernetesSettings) -> Iterator[Problem]:
    """A host needs a controller that serves it, and a name for which DNS allows a record."""
    for position, application in enumerate(kubernetes.applications):
        yield from _leads_to_hosts(f"{APPLICATIONS}[{position}].host", ingress, application)
        yield from _apex(f"{APPLICATIONS}[{position}].host", ingress, application)


@skips_unreadable
def _leads_to_hosts(
    path: str, ingress: IngressSettings, application: Application
) -> Iterator[Problem]:
    for host in application.hosts:
        if ingress.controller == "none" and ingress.controller_namespace is None:
            rule = f"must have a controller that serves it: {INGRESS}.controller is none"
            remedy = "use a controller, or set the namespace of your own controller: "
            yield Problem(path, host, rule, f"{remedy}{INGRESS}.controllerNamespace")


@skips_unreadable
def _apex(path: str, ingress: IngressSettings, application: Application) -> Iterator[Problem]:
    for host in application.hosts:
        zones = (*ingress.public_dns_zones, *ingress.private_dns_zones)
        if ingress.controller == AGC and host in zones:
            rule = f"must not be the apex of its zone: DNS allows no CNAME to {AGC} there"
            yield Problem(path, host, rule, f"use a name under it, such as www.{host}")


@skips_unreadable
def firewall_has_hosts(
    ingress: IngressSettings, kubernetes: KubernetesSettings
) -> Iterator[Problem]:
    """The gateway has a listener for each host, and needs at least one."""
    if isinstance(ingress.waf, GatewayWaf) and not kubernetes.public_hosts:
        yield Problem(
            APPLICATIONS,
            "",
            "must have a host: the Application Gateway needs a listener, and has one for each host",
            "set the host of an application, or use aks-network:ingress.waf: none",
        )


@skips_unreadable
def one_owner(applications: Iterable[Application]) -> Iterator[Problem]:
    """A host belongs to one application: with two Ingress objects its certificate is undefined."""
    owners: dict[str, str] = {}
    named = readable(lambda each: (each.name, each.hosts), applications)
    for position, (name, hosts) in named:
        for host in hosts:
            owner = owners.setdefault(host, name)
            if owner != name:
                rule = f"must be unique: application {owner} has this host"
                path = f"{APPLICATIONS}[{position}].host"
                yield Problem(path, host, rule, "use a different host")


@skips_unreadable
def host_has_path(path: str, application: Application) -> Iterator[Problem]:
    if application.host and application.host not in application.hosts:
        rule = "must come with a service that has a path: without one no request reaches a pod"
        yield Problem(
            f"{path}.host", application.host, rule, "set the path of a service, such as /"
        )


@skips_unreadable
def paths(path: str, application: Application) -> Iterator[Problem]:
    """Each path under a host leads to one service."""
    found = readable(lambda each: _hosts_and_paths(application, each), application.services)
    taken = Counter(each for _, several in found for each in several)
    for position, service in enumerate(application.services):
        place = f"{path}.services[{position}]"
        yield from _paths(place, application, service, taken)
        yield from _host_of_service(place, service)


def _hosts_and_paths(application: Application, service: Service) -> list[tuple[str | None, str]]:
    host = service.host or application.host if service.paths else None
    return [(host, _path(text)) for text in service.paths]


@skips_unreadable
def _paths(
    path: str,
    application: Application,
    service: Service,
    taken: Mapping[tuple[str | None, str], int],
) -> Iterator[Problem]:
    for text, (host, prefix) in zip(
        service.paths, _hosts_and_paths(application, service), strict=True
    ):
        if host is None:
            rule = f"must be under a host: application {application.name} has none"
            yield Problem(f"{path}.path", text, rule, "set the host of the application")
        elif taken[host, prefix] > 1:
            rule = f"must be unique: {taken[host, prefix]} paths under {host} are the same"
            yield Problem(f"{path}.path", text, rule, "use a different path")


@skips_unreadable
def _host_of_service(path: str, service: Service) -> Iterator[Problem]:
    if service.host and not service.paths:
        rule = "must come with a path: without one no request reaches the service"
        yield Problem(f"{path}.host", service.host, rule, "set path: /, or remove host")


def _path(text: str) -> str:
    """Prefix matching compares segments, so a slash at the end makes no difference."""
    return text.rstrip("/") or "/"
