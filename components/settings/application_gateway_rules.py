"""Limits of an Application Gateway v2 that hosts and paths of applications can exceed.

The gateway has these parts for each host: a listener for HTTPS and one for HTTP that redirects to
it, backend settings, a probe and a redirect. Azure allows 200 listeners, of which 100 route
requests (a listener that redirects does not count), 100 backend settings and 100 redirects. Several
hosts can't share a listener: a redirect can't lead to a listener with several host names
(application-gateway/multiple-site-overview).
"""

from __future__ import annotations

from collections.abc import Iterator

from components.problems import Problem
from components.settings.ingress import ExternalWaf, GatewayWaf, IngressSettings
from components.settings.kubernetes import KubernetesSettings
from components.settings.partial import skips_unreadable
from components.settings.paths import APPLICATIONS, INGRESS

MOST_HOSTS = 100
"""Listeners that route requests, backend settings, and redirects ("Application Gateway limits" of
azure-resource-manager/management/azure-subscription-service-limits)."""
MOST_AGIC_BACKENDS = 99
"""Backend pools and settings, without the default ones that AGIC always adds (same page; AGIC
pkg/appgw)."""
MOST_PATHS_OF_A_HOST = 100
"""Path rules of a URL path map (same page). AGIC makes a map for each listener."""
MOST_ROOT_CERTIFICATES = 100
"""Same page."""
MOST_SOURCE_RANGES = 3_900
"""A network security group allows 4,000 addresses and ranges as sources ("Networking limits"). The
program's other rules need a few."""


@skips_unreadable
def problems(ingress: IngressSettings, kubernetes: KubernetesSettings) -> Iterator[Problem]:
    """The limits of one gateway."""
    if not ingress.has_application_gateway:
        return
    yield from _hosts(kubernetes)
    if ingress.controller == "agic":
        yield from _agic_backends(kubernetes)
        yield from _agic_paths(kubernetes)


@skips_unreadable
def _hosts(kubernetes: KubernetesSettings) -> Iterator[Problem]:
    hosts = kubernetes.public_hosts
    if len(hosts) > MOST_HOSTS:
        rule = (
            f"must have at most {MOST_HOSTS} hosts behind the firewall, not {len(hosts)}: an "
            "Application Gateway allows no more listeners, backend settings and redirects"
        )
        remedy = "use fewer hosts, with more paths each, or a second stack"
        yield Problem(APPLICATIONS, "", rule, remedy)


@skips_unreadable
def _agic_backends(kubernetes: KubernetesSettings) -> Iterator[Problem]:
    exposed = [s for a in kubernetes.applications for s in a.services if s.paths]
    if len(exposed) > MOST_AGIC_BACKENDS:
        rule = (
            f"must have at most {MOST_AGIC_BACKENDS} services with a path, not {len(exposed)}: "
            "agic makes a backend pool of each, and an Application Gateway allows no more"
        )
        yield Problem(APPLICATIONS, "", rule, "use fewer services, or another controller")


@skips_unreadable
def _agic_paths(kubernetes: KubernetesSettings) -> Iterator[Problem]:
    for position, application in enumerate(kubernetes.applications):
        for host in application.hosts:
            services = [s for s in application.services if (s.host or application.host) == host]
            count = sum(len(service.paths) for service in services)
            if count > MOST_PATHS_OF_A_HOST:
                rule = (
                    f"must have at most {MOST_PATHS_OF_A_HOST} paths under {host}, not {count}: an "
                    "Application Gateway allows no more path rules"
                )
                remedy = "use another host for some of them, or another controller"
                yield Problem(f"{APPLICATIONS}[{position}].services", "", rule, remedy)


@skips_unreadable
def root_certificates(path: str, waf: GatewayWaf) -> Iterator[Problem]:
    """The maximum number of private authorities that a gateway trusts."""
    count = len(waf.backend_root_certificates)
    if count > MOST_ROOT_CERTIFICATES:
        rule = f"must be at most {MOST_ROOT_CERTIFICATES}: an Application Gateway allows no more"
        yield Problem(f"{path}.backendRootCertificates", str(count), rule, "remove some of them")


@skips_unreadable
def source_ranges(ingress: IngressSettings) -> Iterator[Problem]:
    """The maximum number of source ranges of a third party's firewall."""
    if isinstance(ingress.waf, ExternalWaf):
        count = len(ingress.waf.external.source_ranges)
        if count > MOST_SOURCE_RANGES:
            rule = (
                f"must be at most {MOST_SOURCE_RANGES:,} ranges: a network security group takes no "
                "more addresses"
            )
            yield Problem(f"{INGRESS}.waf.external.sourceRanges", str(count), rule, "merge ranges")
