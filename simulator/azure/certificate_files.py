"""What the readers of a certificate in a key vault make of a secret's value."""

from __future__ import annotations

import base64
import binascii
import re

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    pkcs12,
)

PFX, PEM = "application/x-pkcs12", "application/x-pem-file"
"""The content types of a certificate's secret."""

_BLOCK = re.compile(r"-----BEGIN (?P<kind>[A-Z0-9 ]+)-----.*?-----END (?P=kind)-----\n?", re.DOTALL)


def needs_password(value: str) -> bool:
    """Whether a value is a PFX in base64 that a password protects."""
    try:
        pkcs12.load_key_and_certificates(base64.b64decode(value), None)
    except binascii.Error:
        return False
    except ValueError as error:
        return "password" in str(error).lower()
    return False


def is_pfx(value: str) -> bool:
    """Whether a value is a PFX in base64, without a password, with a key and its certificate."""
    try:
        key, certificate, _ = pkcs12.load_key_and_certificates(base64.b64decode(value), None)
    except ValueError:
        return False
    return key is not None and certificate is not None


def tls_secret_problem(value: str) -> str | None:
    """Why the Secrets Store CSI driver cannot make a TLS secret of a file; None where it can.

    It takes the certificates in their order, and the last block of another kind as the key.
    Source: secrets-store-csi-driver, pkg/util/secretutil/secret.go (GetCertPart).
    """
    certificates: list[str] = []
    key = ""
    for block in _BLOCK.finditer(value):
        if block["kind"] == "CERTIFICATE":
            certificates.append(block[0])
        else:
            key = block[0]
    if not certificates or not key:
        return "it contains no certificate and private key as PEM"
    try:
        private = load_pem_private_key(key.encode(), None)
        first = x509.load_pem_x509_certificate(certificates[0].encode())
    except (TypeError, ValueError) as error:
        return f"its PEM cannot be read: {error}"
    if not isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        return "its private key is neither RSA nor elliptic-curve"
    form = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    if private.public_key().public_bytes(*form) != first.public_key().public_bytes(*form):
        return "its first certificate is not that of the private key"
    return None
