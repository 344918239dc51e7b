"""Certificates in key vaults: they exist, in the form that each of their readers can use.

Application Gateway reads a PFX: from the secret of a certificate object, or from a plain secret.
Application routing reads the secret of a certificate object, or a plain secret that contains PEM
(secrets-store-csi-driver-provider-azure, pkg/provider/provider.go, getSecret). A secret belongs to
a certificate object if the key vault manages it. The check reads no values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cli.doctor.context import Context
from cli.doctor.findings import CheckUnavailable, Finding, failed, ok, warning
from components.settings.ingress import GatewayWaf
from components.settings.stack import Settings
from support.nested import at, text

PFX, PEM = "application/x-pkcs12", "application/x-pem-file"
FORMS = {PFX: "PFX", PEM: "PEM"}
"""The content types of a certificate's secret, and what they stand for."""

IMPORT = (
    "ask its owner to import a PFX as a certificate (az keyvault certificate import), and use the "
    "ID of that certificate"
)


@dataclass(frozen=True)
class Reference:
    """A certificate in a key vault that a setting names."""

    setting: str
    object_id: str
    by_gateway: bool
    """Whether Application Gateway reads it."""
    by_addon: bool
    """Whether application routing reads it."""

    @property
    def host(self) -> str:
        """The key vault, such as `https://kv.vault.azure.net`."""
        return "{0.scheme}://{0.netloc}".format(urlsplit(self.object_id))

    @property
    def name(self) -> str:
        """The name of the certificate, which is also that of its secret."""
        return self._path[1]

    @property
    def version(self) -> str:
        """The version that the ID names; empty for the newest."""
        return self._path[2] if len(self._path) > 2 else ""  # noqa: PLR2004

    @property
    def _path(self) -> list[str]:
        return urlsplit(self.object_id).path.strip("/").split("/")

    @property
    def readers(self) -> str:
        """Who reads it, for messages."""
        names = {"Application Gateway": self.by_gateway, "application routing": self.by_addon}
        return " and ".join(name for name, reads in names.items() if reads)


def named(settings: Settings) -> Iterator[Reference]:
    """Every certificate that the settings name by its ID in a key vault."""
    ingress, applications = settings.ingress, settings.kubernetes.applications
    gateway, addon = ingress.has_application_gateway, ingress.controller == "app-routing"
    waf = ingress.waf
    if gateway and isinstance(waf, GatewayWaf) and waf.certificate and waf.certificate.secret_id:
        shared = any(each.hosts and each.tls is None for each in applications)
        yield Reference(
            "ingress.waf.certificate.secretId",
            waf.certificate.secret_id,
            by_gateway=True,
            by_addon=addon and shared,
        )
    for position, application in enumerate(applications):
        if application.tls and application.tls.certificate_id:
            setting = f"kubernetes.applications[{position}].tls.certificateId"
            public = gateway and not application.internal
            yield Reference(
                setting, application.tls.certificate_id, by_gateway=public, by_addon=addon
            )


def certificates(context: Context) -> Iterator[Finding]:
    """Each certificate exists, and its readers can use it."""
    references = list(named(context.settings))
    if not references:
        yield ok("Certificates in key vaults", "the settings name none by its ID")
    for reference in references:
        try:
            yield _check(context, reference)
        except CheckUnavailable as unavailable:
            yield unavailable.finding(reference.setting)


def _check(context: Context, reference: Reference) -> Finding:
    version = _version(context, reference)
    setting, object_id = reference.setting, reference.object_id
    if version is None:
        return failed(setting, f"{object_id} does not exist", IMPORT)
    if at(version, "attributes", "enabled") is False:
        return failed(setting, f"{object_id} is disabled", "ask its owner to enable it")
    content = text(version, "contentType").lower()
    if at(version, "managed") is True:
        return _of_certificate(reference, content)
    return _plain(reference, content)


def _version(context: Context, reference: Reference) -> Mapping[str, Any] | None:
    """The version that the ID names, or the newest; None where there is none."""
    versions = context.azure.secret_versions(reference.host, reference.name)
    wanted = [each for each in versions if text(each, "id").endswith(f"/{reference.version}")]
    found = wanted if reference.version else versions
    return max(found, key=lambda each: at(each, "attributes", "created") or 0, default=None)


def _of_certificate(reference: Reference, content: str) -> Finding:
    if content == PFX or (content == PEM and not reference.by_gateway):
        detail = f"{reference.name} is a certificate that {reference.readers} can read"
        return ok(reference.setting, detail)
    return failed(
        reference.setting,
        f"{reference.name} is a certificate with the content type {content or 'none'}, which "
        f"{reference.readers} cannot read",
        IMPORT,
    )


def _plain(reference: Reference, content: str) -> Finding:
    """A secret that belongs to no certificate object."""
    setting, plain = reference.setting, f"{reference.name} is a plain secret"
    if reference.by_addon and reference.by_gateway:
        detail = (
            f"{plain}, from which application routing reads only PEM and Application Gateway only "
            "PFX"
        )
        return failed(setting, detail, IMPORT)
    expected, other = (PEM, PFX) if reference.by_addon else (PFX, PEM)
    if content == expected:
        return ok(setting, f"{plain} with {FORMS[expected]}")
    if content == other:
        detail = f"{plain} with {FORMS[other]}, which {reference.readers} cannot read from one"
        return failed(setting, detail, IMPORT)
    return warning(
        setting,
        f"{plain} with the content type {content or 'none'}; {reference.readers} reads only "
        f"{FORMS[expected]} from one",
        f"make sure that it contains {FORMS[expected]} without a password",
    )
