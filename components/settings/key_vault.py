"""Key Vault identifiers in settings: secrets, certificates, and the vault that contains them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Protocol
from urllib.parse import urlsplit

from components.problems import Problem
from components.settings.partial import skips_unreadable
from components.settings.values import matching

_VAULT = r"https://[a-zA-Z0-9-]{3,24}\.vault\.azure\.net"
"""The host names of Azure's public cloud, the only one that is supported: `stack.CLOUDS`."""
_NAME = r"[A-Za-z0-9-]{1,127}"
_VERSION = r"[0-9a-f]{32}"
_PROVIDER = "/providers/microsoft.keyvault/vaults/"

SecretId = Annotated[
    str,
    matching(
        rf"{_VAULT}/secrets/{_NAME}(/{_VERSION})?",
        "must be the ID of a Key Vault secret",
        "use an ID such as https://<vault>.vault.azure.net/secrets/<name>",
    ),
]

CertificateId = Annotated[
    str,
    matching(
        rf"{_VAULT}/certificates/{_NAME}(/{_VERSION})?",
        "must be the ID of a Key Vault certificate",
        "use an ID such as https://<vault>.vault.azure.net/certificates/<name>",
    ),
]

CertificateName = Annotated[
    str,
    matching(
        _NAME,
        "must be the name of a Key Vault certificate: at most 127 letters, digits and hyphens",
        "use a name such as shop",
    ),
]


def has_version(object_id: str) -> bool:
    """Whether an ID names a version, so that a renewed certificate is not used."""
    _kind, _name, *version = urlsplit(object_id).path.strip("/").split("/")
    return bool(version)


class InVault(Protocol):
    """Settings that may name an object in a vault."""

    @property
    def vault_id(self) -> str | None:
        """The vault's resource id."""
        ...

    @property
    def object_id(self) -> str | None:
        """The id of the secret or the certificate."""
        ...


@skips_unreadable
def vault(path: str, given: InVault, key: str) -> Iterator[Problem]:
    """The vault's ID must be that of the vault that contains the secret or the certificate.

    `path` is the path of the settings, `key` the setting with the object's ID.
    """
    vault_id = given.vault_id
    if vault_id is None:
        return
    place = f"{path}.vaultId"
    name = vault_id.rsplit("/", 1)[-1].lower()
    if _PROVIDER not in vault_id.lower():
        rule = "must be the resource ID of a key vault"
        yield Problem(place, vault_id, rule, "use …/providers/Microsoft.KeyVault/vaults/<name>")
        return
    object_id = given.object_id
    if object_id is None:
        rule = f"must not be set without {key}: it is the vault that {key} lies in"
        yield Problem(place, vault_id, rule, f"set {key}, or remove vaultId")
    elif not object_id.lower().startswith(f"https://{name}."):
        rule = f"must be the vault that {key} lies in, {object_id}"
        yield Problem(place, vault_id, rule, "use the resource ID of that vault")
