"""Makes up the values that an operator sets, for runs on the simulated cloud.

They protect nothing but a directory. Each is made once for a local copy of a stack file and stays
in it, so that a second run changes nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cli.operator_values import (
    CERTIFICATE,
    CLIENT_SECRET,
    SHARED_KEY,
    SSH_PUBLIC_KEY,
    WINDOWS_PASSWORD,
    Config,
    OperatorValue,
)
from cli.self_signed import hosts_of, make_certificate

CERTIFICATE_LIFETIME = timedelta(days=3650)


def arguments(missing: Iterable[OperatorValue], config: Config) -> list[str]:
    """Arguments of `pulumi config set-all` that set the `missing` values of a stack file."""
    result = ["--path"]
    for value in missing:
        kind = "--secret" if value.secret else "--plaintext"
        result += [kind, f"{value.path}={MAKERS[value.path](config)}"]
    return result


def make_ssh_public_key() -> str:
    """An OpenSSH ed25519 public key whose private key is discarded."""
    public = ed25519.Ed25519PrivateKey.generate().public_key()
    return public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode() + " placeholder"


def make_password() -> str:
    """A password with all four character classes that Windows asks for."""
    return f"{secrets.token_urlsafe(18)}-aA1"


MAKERS: dict[str, Callable[[Config], str]] = {
    CERTIFICATE.path: lambda config: make_certificate(hosts_of(config), CERTIFICATE_LIFETIME),
    WINDOWS_PASSWORD.path: lambda _: make_password(),
    SSH_PUBLIC_KEY.path: lambda _: make_ssh_public_key(),
    CLIENT_SECRET.path: lambda _: secrets.token_hex(20),
    SHARED_KEY.path: lambda _: secrets.token_hex(32),
}
"""How to make each value, by its path."""
