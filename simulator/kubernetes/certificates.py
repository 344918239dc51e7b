"""Certificates that application routing fetches from key vaults, as far as the cloud shows them.

An API server takes an Ingress or a Gateway whatever certificate it names. What goes wrong shows
later, as a warning event of the add-on's pod that mounts the certificate (FailedMount), with Key
Vault's own code in it: so it is a warning here, too. Sources: Microsoft Learn:
azure/aks/app-routing-dns-ssl, azure/aks/app-routing-gateway-api-dns-tls,
azure/key-vault/general/rest-error-codes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.azure.cloud import Cloud
from simulator.azure.namespaces import keyvault
from simulator.store import Resource
from support.nested import at, items, mapping

URI = "kubernetes.azure.com/tls-cert-keyvault-uri"
ACCOUNT = "kubernetes.azure.com/tls-cert-service-account"
CLIENT = "azure.workload.identity/client-id"

_OBJECT = re.compile(
    r"(?i)https://([^./]+)\.vault\.azure\.net/(?:certificates|secrets)/([^/]+)(?:/[^/]*)?/?"
)
_DRIVER = "azurekeyvaultsecretsprovider"


@dataclass(frozen=True)
class Reader:
    """Who reads the vault: an identity's object id, or why there is none."""

    principal: str = ""
    missing: str = ""


def warnings(cloud: Cloud, cluster: Resource, manifest: Mapping[str, Any]) -> Iterator[str]:
    """Why the add-on cannot fetch the certificates that an object names, one line each."""
    for place, uri, reader in _wanted(cloud, cluster, manifest):
        problem = reader.missing or _problem(cloud, cluster, uri, reader.principal)
        if problem:
            name = f"{manifest['kind']} {at(manifest, 'metadata', 'name')}"
            yield f"{name}: {place}: certificate {uri} will not be fetched: {problem}"


def _wanted(
    cloud: Cloud, cluster: Resource, manifest: Mapping[str, Any]
) -> Iterator[tuple[str, str, Reader]]:
    """Each certificate of an object: where it is named, its id, and who reads it."""
    if manifest["kind"] == "Ingress":
        uri = mapping(manifest, "metadata", "annotations").get(URI)
        if isinstance(uri, str):
            yield f"metadata.annotations[{URI}]", uri, _addon(cluster)
    elif manifest["kind"] == "Gateway":
        namespace = str(at(manifest, "metadata", "namespace"))
        for index, listener in enumerate(items(manifest, "spec", "listeners")):
            options = mapping(listener, "tls", "options")
            uri = options.get(URI)
            if isinstance(uri, str):
                reader = _account(cloud, cluster, namespace, options.get(ACCOUNT))
                yield f"spec.listeners[{index}].tls.options", uri, reader


def _addon(cluster: Resource) -> Reader:
    principal = at(cluster.outputs, "ingressProfile", "webAppRouting", "identity", "objectId")
    missing = "" if principal else "the application routing add-on is off"
    return Reader(str(principal or ""), missing)


def _account(cloud: Cloud, cluster: Resource, namespace: str, name: Any) -> Reader:
    """The identity behind a service account, federated with it."""
    if not name:
        return Reader(missing=f"the listener names no service account ({ACCOUNT})")
    key = f"{cluster.id}/kubernetes/core/ServiceAccount/{namespace}/{name}"
    account = cloud.get(key)
    client = mapping(account.inputs if account else {}, "metadata", "annotations").get(CLIENT)
    identities = cloud.store.of_type("managedidentity:UserAssignedIdentity")
    identity = next((one for one in identities if one.outputs.get("clientId") == client), None)
    if client is None or identity is None:
        return Reader(missing=f"service account {namespace}/{name} has no identity ({CLIENT})")
    subject = f"system:serviceaccount:{namespace}:{name}"
    issuer = at(cluster.outputs, "oidcIssuerProfile", "issuerURL")
    federated = any(
        (one.inputs.get("subject"), one.inputs.get("issuer")) == (subject, issuer)
        for one in cloud.store.below(identity.id)
    )
    missing = "" if federated else f"{identity.id} is not federated with {subject} of {issuer}"
    return Reader(str(identity.outputs["principalId"]), missing)


def _problem(cloud: Cloud, cluster: Resource, uri: str, principal: str) -> str | None:
    profiles = {key.lower(): one for key, one in mapping(cluster.inputs, "addonProfiles").items()}
    if not at(profiles.get(_DRIVER), "enabled"):
        return "the add-on azureKeyvaultSecretsProvider, which mounts it, is off"
    match = _OBJECT.fullmatch(uri)
    if match is None:
        return "it is no id of a certificate (https://<vault>.vault.azure.net/certificates/<name>)"
    vault = keyvault.find_vault(cloud, match.group(1))
    if vault is None:
        return f"there is no vault {match.group(1)}: no such host"
    if not keyvault.can_read_secrets(cloud, vault, principal):
        return (
            f'Status=403 Code="Forbidden": identity {principal} may not get secrets of {vault.id}'
        )
    if cloud.get(f"{vault.id}/secrets/{match.group(2)}") is None:
        return f'Status=404 Code="SecretNotFound": {vault.id} holds no {match.group(2)}'
    return None
