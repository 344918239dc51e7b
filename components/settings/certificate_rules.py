"""Where certificates come from: the firewall's own, and those of applications."""

from __future__ import annotations

from collections.abc import Iterator

from components.problems import Problem
from components.settings import key_vault
from components.settings.ingress import IngressSettings
from components.settings.kubernetes import Application, KubernetesSettings
from components.settings.partial import skips_unreadable
from components.settings.paths import APPLICATIONS, INGRESS
from components.settings.pfx import read_pfx
from components.settings.waf import GatewayWaf

_PATH = f"{INGRESS}.waf.certificate.pfx"
_BY_NAME = "set it to the name of a secret (kubernetes.io/tls) in the application's namespace"
SET_A_CERTIFICATE = (
    "set certificateId (in another team's key vault), certificateName (in this stack's own), or "
    "secretName (in the application's namespace)"
)


@skips_unreadable
def of_gateway(ingress: IngressSettings) -> Iterator[Problem]:
    """An Application Gateway has exactly one certificate; a vault's id says whose secret it is."""
    if not isinstance(ingress.waf, GatewayWaf):
        return
    path = f"{INGRESS}.waf.certificate"
    given = ingress.waf.certificate
    if given:
        yield from key_vault.vault(path, given, "secretId")
    secret_id = given.secret_id if given else None
    if ingress.has_application_gateway and (
        (secret_id is None) == (given is None or given.pfx is None)
    ):
        yield Problem(
            path,
            "",
            "must have exactly one of secretId and pfx",
            f"set one of the two: pulumi config set --secret --path '{path}.pfx' …",
        )


@skips_unreadable
def of_applications(ingress: IngressSettings, kubernetes: KubernetesSettings) -> Iterator[Problem]:
    """Only application routing fetches certificates from a vault; others take a secret.

    The certificate of the gateway in front serves the add-on and agic, too.
    """
    for position, application in enumerate(kubernetes.applications):
        path = f"{APPLICATIONS}[{position}].tls"
        yield from _from_vault(path, ingress, application)
        yield from _has_certificate(path, ingress, application)


@skips_unreadable
def _from_vault(path: str, ingress: IngressSettings, application: Application) -> Iterator[Problem]:
    tls = application.tls
    if tls and tls.from_vault and ingress.controller != "app-routing":
        key = "certificateId" if tls.certificate_id else "certificateName"
        value = tls.certificate_id or tls.certificate_name or ""
        rule = f"must not be set: only application routing fetches it, not {ingress.controller}"
        remedy = "use secretName, or controller: app-routing"
        yield Problem(f"{path}.{key}", value, rule, remedy)


@skips_unreadable
def _has_certificate(
    path: str, ingress: IngressSettings, application: Application
) -> Iterator[Problem]:
    addon = ingress.controller == "app-routing"
    shared = ingress.controller == "agic" or (addon and isinstance(ingress.waf, GatewayWaf))
    # An internal application always needs its own certificate: `controller_rules.internal_class`.
    if application.tls is None and application.hosts and not shared and not application.internal:
        if addon:
            rule = "is required: there is no Application Gateway with a certificate in front"
            yield Problem(path, "", rule, SET_A_CERTIFICATE)
        else:
            rule = (
                f"is required: controller {ingress.controller} reads certificates from secrets only"
            )
            yield Problem(f"{path}.secretName", "", rule, _BY_NAME)


@skips_unreadable
def one_source(path: str, application: Application) -> Iterator[Problem]:
    """A certificate is for a host, and comes from one place."""
    tls = application.tls
    if tls is None:
        return
    place = f"{path}.tls"
    yield from key_vault.vault(place, tls, "certificateId")
    sources = (tls.secret_name, tls.certificate_id, tls.certificate_name)
    given = [source for source in sources if source is not None]
    if len(given) != 1:
        rule = "must have exactly one of secretName, certificateId and certificateName"
        yield Problem(place, ", ".join(given), rule, "use one, and remove the others")
    elif not application.hosts:
        rule = f"must not be set: application {application.name} has no host"
        remedy = "set the host of the application, or remove tls"
        yield Problem(place, given[0], rule, remedy)


@skips_unreadable
def in_own_vault(ingress: IngressSettings, kubernetes: KubernetesSettings) -> Iterator[Problem]:
    """The gateway reads a certificate when it is written, so the certificate comes first."""
    if not ingress.has_application_gateway or ingress.controller != "app-routing":
        return
    for position, application in enumerate(kubernetes.applications):
        yield from _not_by_name(f"{APPLICATIONS}[{position}]", application)


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
