"""The certificates that the Application Gateway serves."""

from __future__ import annotations

from collections.abc import Iterator

from components.problems import Problem
from components.settings.ingress import IngressSettings
from components.settings.kubernetes import Application, KubernetesSettings
from components.settings.partial import skips_unreadable
from components.settings.pfx import read_pfx
from components.settings.waf import GatewayWaf

_APPLICATIONS = "aks-network:kubernetes.applications"
_PATH = "aks-network:ingress.waf.certificate.pfx"


@skips_unreadable
def in_own_vault(ingress: IngressSettings, kubernetes: KubernetesSettings) -> Iterator[Problem]:
    """The gateway reads a certificate when it is written, so the certificate comes first."""
    if not ingress.has_application_gateway or ingress.controller != "app-routing":
        return
    for position, application in enumerate(kubernetes.applications):
        yield from _not_by_name(f"{_APPLICATIONS}[{position}]", application)


@skips_unreadable
def _not_by_name(path: str, application: Application) -> Iterator[Problem]:
    tls = application.tls
    if tls and tls.certificate_name and application.hosts and not application.internal:
        yield Problem(
            f"{path}.tls.certificateName",
            tls.certificate_name,
            "must not be set behind an Application Gateway: Azure creates no listener before its "
            "certificate is in the vault, and this vault is created in the same run",
            "deploy the stack without the application, import the certificate into the vault of "
            "the output vaultName, and use certificateId: "
            f"https://<vaultName>.vault.azure.net/certificates/{tls.certificate_name}",
        )


def advice(ingress: IngressSettings, kubernetes: KubernetesSettings) -> Iterator[str]:
    """Azure serves any certificate; clients refuse one that has expired or names other hosts."""
    waf = ingress.waf
    if not isinstance(waf, GatewayWaf) or waf.certificate is None or waf.certificate.pfx is None:
        return
    certificate = read_pfx(waf.certificate.pfx.get_secret_value())
    if certificate.expired():
        yield f"{_PATH} expired on {certificate.expires:%Y-%m-%d}: clients refuse it; renew it"
    other = [host for host in _served(ingress, kubernetes) if not certificate.covers(host)]
    if other:
        yield (
            f"clients refuse {', '.join(other)}: the Application Gateway serves {_PATH} there, "
            "which does not name it; use a certificate that does, or give the application its own "
            "from a key vault (tls.certificateId)"
        )


def _served(ingress: IngressSettings, kubernetes: KubernetesSettings) -> Iterator[str]:
    """The hosts for which the gateway serves this certificate.

    AGIC serves an application's own secret. Every other gateway cannot read one.
    """
    for application in kubernetes.applications:
        tls = application.tls
        own = tls is not None and (tls.from_vault or ingress.controller == "agic")
        if not application.internal and not own:
            yield from application.hosts
