"""Values that a local run makes up for what a real stack's operator sets, and where they belong.

They are worthless: they protect a cloud that is a directory. Each is made once per local copy of a
stack file and kept from run to run, so that a second run changes nothing.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PublicFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

CERTIFICATE_LIFETIME = timedelta(days=3650)

Settings = Mapping[str, Any]
"""A stack file's `config` object."""


@dataclass(frozen=True)
class Throwaway:
    """One value: the setting it is for, when that setting is wanted, and how to make it."""

    path: str
    """`<namespace>:<key>.<property>…`, as `pulumi config set --path` takes it."""
    wanted: Callable[[Settings], bool]
    make: Callable[[Settings], str]
    secret: bool = True

    @property
    def steps(self) -> list[str]:
        """The keys from a stack file's `config` object down to the value."""
        return self.path.split(".")


def look_up(settings: Any, *steps: str) -> Any:
    """The value under nested keys, or None where any of them is missing."""
    value = settings
    for step in steps:
        if not isinstance(value, Mapping):
            return None
        value = cast("Mapping[str, Any]", value).get(step)
    return value


def look_up_list(settings: Settings, *steps: str) -> list[Any]:
    """The list under nested keys, empty where there is none."""
    found = look_up(settings, *steps)
    return cast("list[Any]", found) if isinstance(found, list) else []


def _has_gateway_with_own_certificate(settings: Settings) -> bool:
    ingress = look_up(settings, "aks-network:ingress")
    waf = look_up(ingress, "waf")
    return (
        isinstance(waf, Mapping)
        and "external" not in waf
        and look_up(ingress, "controller") != "application-gateway-for-containers"
        and look_up(waf, "certificate", "secretId") is None
    )


def _has_windows_nodes(settings: Settings) -> bool:
    pools = look_up_list(settings, "aks-network:cluster", "nodePools")
    return any(look_up(pool, "os") == "Windows" for pool in pools)


def _has_service_principal(settings: Settings) -> bool:
    return look_up(settings, "aks-network:cluster", "identity", "kind") == "servicePrincipal"


def _has_jump_box(settings: Settings) -> bool:
    management = look_up(settings, "aks-network:management")
    return management is not None and look_up(management, "existing") is None


def _has_vpn(settings: Settings) -> bool:
    return look_up(settings, "aks-network:management", "gateway", "kind") == "vpn"


def _host(settings: Settings) -> str:
    """The host that the stack serves first: an application's, else a DNS zone's apex."""
    applications = look_up_list(settings, "aks-network:kubernetes", "applications")
    zones = look_up_list(settings, "aks-network:ingress", "publicDnsZones")
    hosts = [look_up(application, "host") for application in applications]
    return next((str(host) for host in [*hosts, *zones] if host), "localhost")


def make_certificate(host: str) -> str:
    """A self-signed certificate for `host` with its key: PKCS#12 without a password, base64."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + CERTIFICATE_LIFETIME)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, SHA256())
    )
    archive = pkcs12.serialize_key_and_certificates(
        host.encode(), key, certificate, None, NoEncryption()
    )
    return base64.b64encode(archive).decode()


def make_ssh_public_key() -> str:
    """An OpenSSH ed25519 public key whose private half is thrown away."""
    public = ed25519.Ed25519PrivateKey.generate().public_key()
    return public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode() + " throwaway"


def make_password() -> str:
    """A password with all four of the character classes that Windows asks for."""
    return f"{secrets.token_urlsafe(18)}-aA1"


THROWAWAYS = (
    Throwaway(
        "aks-network:ingress.waf.certificate.pfx",
        wanted=_has_gateway_with_own_certificate,
        make=lambda settings: make_certificate(_host(settings)),
    ),
    Throwaway(
        "aks-network:cluster.windows.adminPassword",
        wanted=_has_windows_nodes,
        make=lambda _: make_password(),
    ),
    Throwaway(
        "aks-network:management.jumpBox.sshPublicKey",
        wanted=_has_jump_box,
        make=lambda _: make_ssh_public_key(),
        secret=False,
    ),
    Throwaway(
        "aks-network:cluster.identity.servicePrincipal.clientSecret",
        wanted=_has_service_principal,
        make=lambda _: secrets.token_hex(20),
    ),
    Throwaway(
        "aks-network:management.gateway.sharedKey",
        wanted=_has_vpn,
        make=lambda _: secrets.token_hex(32),
    ),
)
