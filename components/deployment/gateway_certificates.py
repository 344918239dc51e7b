"""Which certificate the Application Gateway serves for each host, and where it comes from.

A host whose application has a certificate in a key vault gets a listener with that one. All others
share the firewall's: a Kubernetes secret is out of the gateway's reach.
"""

from __future__ import annotations

from components.ingress.application_gateway_config import CERTIFICATE, GatewayHost
from components.ingress.dns_and_key_vault import certificate_vault_keys
from components.settings.kubernetes import Application
from components.settings.pfx import read_pfx
from components.settings.stack import Settings
from components.settings.waf import Certificate, GatewayWaf


def hosts(settings: Settings) -> list[GatewayHost]:
    """The hosts that the gateway serves, in the order of the applications."""
    shared = _shared_certificate(settings)
    pfx = shared.pfx if shared else None
    roots = read_pfx(pfx.get_secret_value()).roots if pfx else ()
    return [
        GatewayHost(
            host,
            _name(application) if _has_own(settings, application) else CERTIFICATE,
            # Without a certificate of its own, the controller serves the firewall's.
            roots if application.tls is None else (),
        )
        for application in settings.kubernetes.applications
        if not application.internal
        for host in application.hosts
    ]


def secret_ids(settings: Settings) -> dict[str, str]:
    """Key Vault ids of the applications' own certificates, by their names in the gateway.

    A certificate is also a secret of the same name and version.
    """
    return {
        _name(application): application.tls.certificate_id.replace("/certificates/", "/secrets/", 1)
        for application in settings.kubernetes.applications
        if application.tls and application.tls.certificate_id and _has_own(settings, application)
    }


def vaults(settings: Settings) -> dict[str, str]:
    """The vaults of these certificates on which the gateway's identity needs a role, by a key.

    The vault of the shared certificate is not among them.
    """
    shared = _shared_certificate(settings)
    granted = shared.vault_id.lower() if shared and shared.vault_id else None
    ids = (
        application.tls.vault_id
        for application in settings.kubernetes.applications
        if application.tls and application.tls.vault_id and _has_own(settings, application)
    )
    keys = certificate_vault_keys(ids)
    return {key: vault_id for key, vault_id in keys.items() if vault_id.lower() != granted}


def _shared_certificate(settings: Settings) -> Certificate | None:
    waf = settings.ingress.waf
    return waf.certificate if isinstance(waf, GatewayWaf) else None


def _has_own(settings: Settings, application: Application) -> bool:
    """Whether the gateway serves a certificate of the application's own."""
    return bool(
        settings.ingress.has_load_balancer
        and application.hosts
        and not application.internal
        and application.tls
        and application.tls.certificate_id
    )


def _name(application: Application) -> str:
    return f"application-{application.name}"
