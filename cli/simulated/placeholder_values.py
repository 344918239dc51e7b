"""Makes up the values that an operator sets, for runs on the simulated cloud.

They protect nothing but a directory. Each is made once for a local copy of a stack file and stays
in it, so that a second run changes nothing.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

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

from cli.operator_values import (
    CERTIFICATE,
    CLIENT_SECRET,
    SHARED_KEY,
    SSH_PUBLIC_KEY,
    WINDOWS_PASSWORD,
    Config,
    OperatorValue,
)
from support.nested import at, items

CERTIFICATE_LIFETIME = timedelta(days=3650)


def arguments(missing: Iterable[OperatorValue], config: Config) -> list[str]:
    """Arguments of `pulumi config set-all` that set the `missing` values of a stack file."""
    result = ["--path"]
    for value in missing:
        kind = "--secret" if value.secret else "--plaintext"
        result += [kind, f"{value.path}={MAKERS[value.path](config)}"]
    return result


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
    """An OpenSSH ed25519 public key whose private key is discarded."""
    public = ed25519.Ed25519PrivateKey.generate().public_key()
    return public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode() + " placeholder"


def make_password() -> str:
    """A password with all four character classes that Windows asks for."""
    return f"{secrets.token_urlsafe(18)}-aA1"


def _first_host(config: Config) -> str:
    """The host of the first application, else the first DNS zone."""
    applications = items(config, "aks-network:kubernetes", "applications")
    zones = items(config, "aks-network:ingress", "publicDnsZones")
    hosts = [at(application, "host") for application in applications]
    return next((str(host) for host in [*hosts, *zones] if host), "localhost")


MAKERS: dict[str, Callable[[Config], str]] = {
    CERTIFICATE.path: lambda config: make_certificate(_first_host(config)),
    WINDOWS_PASSWORD.path: lambda _: make_password(),
    SSH_PUBLIC_KEY.path: lambda _: make_ssh_public_key(),
    CLIENT_SECRET.path: lambda _: secrets.token_hex(20),
    SHARED_KEY.path: lambda _: secrets.token_hex(32),
}
"""How to make each value, by its path."""
