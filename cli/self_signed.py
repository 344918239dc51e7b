"""Self-signed certificates for the hosts of a stack, as PKCS#12 files (PFX)."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from cryptography.x509.oid import NameOID

from support.nested import at, items

_NAME = re.compile(r"[A-Za-z0-9.*-]{1,253}")
_LONGEST_NAME = 64
"""Of a common name (RFC 5280, ub-common-name)."""


def hosts_of(config: Mapping[str, Any]) -> tuple[str, ...]:
    """The hosts of a stack file's applications, else its DNS zones."""
    hosts: list[Any] = []
    for application in items(config, "aks-network:kubernetes", "applications"):
        hosts.append(at(application, "host"))
        hosts += (at(service, "host") for service in items(application, "services"))
    zones = items(config, "aks-network:ingress", "publicDnsZones")
    names = [name for name in hosts if _is_name(name)] or [name for name in zones if _is_name(name)]
    return tuple(dict.fromkeys(names)) or ("localhost",)


def _is_name(value: Any) -> bool:
    """Whether a certificate can name it; the program reports anything else."""
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def make_certificate(hosts: Sequence[str], lifetime: timedelta) -> str:
    """A self-signed certificate for these hosts with its key, as a PFX without a password, base64.

    It is an authority of its own, so that a gateway that trusts it accepts it at its backend, too.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0][:_LONGEST_NAME])])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + lifetime)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )
    archive = pkcs12.serialize_key_and_certificates(
        hosts[0].encode(), key, certificate, None, NoEncryption()
    )
    return base64.b64encode(archive).decode()


@cache
def placeholder_certificate(hosts: tuple[str, ...]) -> str:
    """A certificate for looking at a stack without its own: the same one within a process."""
    return make_certificate(hosts, timedelta(days=3650))
