"""The contents of a PKCS#12 file (PFX): its PEM form, its names, and the authority to trust."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

USABLE_KEYS = "RSA or elliptic-curve"
"""The keys that a TLS secret of the Secrets Store CSI driver may have."""


class UnreadablePfxError(Exception):
    """A file that no gateway could use, with the broken rule and the remedy."""

    def __init__(self, rule: str, remedy: str) -> None:
        super().__init__(rule)
        self.rule = rule
        self.remedy = remedy


@dataclass(frozen=True)
class Pfx:
    """What is in a file with a private key and its certificates."""

    pem: str
    """The private key (PKCS#8) and the certificates, that of the key first, its issuers after it.

    The form that the Secrets Store CSI driver reads from a plain secret of a key vault."""
    names: tuple[str, ...]
    """The DNS names of the certificate, in lower case."""
    roots: tuple[str, ...]
    """The self-signed certificates in the file, in base64: those that a client must trust if the
    certificate comes from no well-known authority."""
    expires: datetime
    """When the certificate expires."""

    def covers(self, host: str) -> bool:
        """Whether the certificate is valid for a host; a wildcard stands for one label."""
        _label, _dot, parent = host.lower().partition(".")
        return host.lower() in self.names or f"*.{parent}" in self.names

    def expired(self) -> bool:
        """Whether the certificate is no longer valid."""
        return self.expires <= datetime.now(UTC)


def read_pfx(text: str) -> Pfx:
    """The contents of a PFX in base64 that has no password; raises `UnreadablePfxError`."""
    key, certificate, others = _load(base64.b64decode("".join(text.split())))
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        rule = f"must have an {USABLE_KEYS} key: the cluster's secret store driver reads no other"
        raise UnreadablePfxError(rule, "use a certificate with such a key")
    chain = _chain(certificate, others)
    key_pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    parts = (key_pem, *(item.public_bytes(Encoding.PEM) for item in chain))
    return Pfx(
        pem=b"".join(parts).decode(),
        names=_names(certificate),
        roots=tuple(
            base64.b64encode(item.public_bytes(Encoding.DER)).decode()
            for item in chain
            if item.issuer == item.subject
        ),
        expires=certificate.not_valid_after_utc,
    )


def _load(data: bytes) -> tuple[object, x509.Certificate, list[x509.Certificate]]:
    remedy = "use the output of `openssl pkcs12 -export -passout pass: …`, in base64"
    for password in (None, b""):
        try:
            key, certificate, others = pkcs12.load_key_and_certificates(data, password)
        except ValueError:
            continue
        if key is None or certificate is None:
            raise UnreadablePfxError("must contain a private key with its certificate", remedy)
        return key, certificate, list(others)
    raise UnreadablePfxError("must be a PKCS#12 file (PFX) without a password", remedy)


def _chain(
    certificate: x509.Certificate, others: Sequence[x509.Certificate]
) -> list[x509.Certificate]:
    """The certificate, then its issuers in order, then all other certificates of the file."""
    chain, left = [certificate], [item for item in others if item != certificate]
    while True:
        issuer = next((item for item in left if item.subject == chain[-1].issuer), None)
        if issuer is None:
            return [*chain, *left]
        chain.append(issuer)
        left.remove(issuer)


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return ()
    return tuple(name.lower() for name in extension.value.get_values_for_type(x509.DNSName))
