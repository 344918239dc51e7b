"""Certificates as operators set them: PKCS#12 files in base64, made once for each test run."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from cli.self_signed import placeholder_certificate
from tests.helpers.once import once

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

PFX = once(
    "certificate.pfx", lambda place: place.write_text(placeholder_certificate(("myapp.com",)))
).read_text()
"""A self-signed certificate for myapp.com, the same in all processes of a test run."""


def elliptic() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def signed(
    subject: str,
    key: Key,
    issuer: str | None = None,
    issuer_key: Key | None = None,
    *,
    hosts: tuple[str, ...] = (),
    lifetime: timedelta = timedelta(days=90),
) -> x509.Certificate:
    """A certificate, self-signed without an issuer."""
    now = datetime.now(UTC) - timedelta(days=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer or subject)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + lifetime)
    )
    if hosts:
        names = [x509.DNSName(host) for host in hosts]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    signer = issuer_key or key
    return builder.sign(signer, None if isinstance(signer, ed25519.Ed25519PrivateKey) else SHA256())


def packed(
    key: Key | None,
    certificate: x509.Certificate | None,
    others: list[x509.Certificate] | None = None,
    password: str = "",
) -> str:
    encryption = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    data = pkcs12.serialize_key_and_certificates(b"x", key, certificate, others, encryption)
    return base64.b64encode(data).decode()


def as_pem(pfx: str) -> tuple[bytes, bytes]:
    """The key and the certificate of a PFX."""
    key, certificate, _ = pkcs12.load_key_and_certificates(base64.b64decode(pfx), None)
    assert key is not None
    assert certificate is not None
    form = Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    return key.private_bytes(*form), certificate.public_bytes(Encoding.PEM)
