"""Certificates that application routing reads from key vaults.

An API server accepts an Ingress or a Gateway with any certificate. Problems appear later, in an
event of the add-on's pod that mounts the certificate (FailedMount), with Key Vault's error code.
They are therefore warnings here, too. So is a secret that is no TLS certificate in the form that
the driver reads, and a name by which the add-on cannot create the pod. Sources: Microsoft Learn:
azure/aks/app-routing-dns-ssl, azure/aks/app-routing-gateway-api-dns-tls,
azure/key-vault/general/rest-error-codes; Azure/aks-app-routing-operator, pkg/controller/keyvault:
spc/ingress.go, spc/gateway.go, placeholderpod/placeholder_pod.go (the label `app`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.azure import certificate_files
from simulator.azure.cloud import Cloud
from simulator.azure.namespaces import keyvault, vault_secrets
from simulator.store import Resource
from support.nested import at, items, mapping

URI_ANNOTATION = "kubernetes.azure.com/tls-cert-keyvault-uri"
SERVICE_ACCOUNT_OPTION = "kubernetes.azure.com/tls-cert-service-account"
CLIENT_ID_ANNOTATION = "azure.workload.identity/client-id"

_OBJECT = re.compile(
    r"(?i)https://([^./]+)\.vault\.azure\.net/(?:certificates|secrets)/([^/]+)(?:/[^/]*)?/?"
)
_DRIVER = "azurekeyvaultsecretsprovider"
_LONGEST_LABEL = 63
"""Of a label's value, in characters (kubernetes.io: "Labels and Selectors")."""


@dataclass(frozen=True)
class VaultReader:
    """The identity that reads the vault: its object id, or why there is none."""

    principal: str = ""
    missing: str = ""


def warnings(cloud: Cloud, cluster: Resource, manifest: Mapping[str, Any]) -> Iterator[str]:
    """Why the add-on cannot read the certificates of an object; one line for each certificate."""
    for place, uri, reader in _references(cloud, cluster, manifest):
        problem = reader.missing or _problem(cloud, cluster, uri, reader.principal)
        if problem:
            name = f"{manifest['kind']} {at(manifest, 'metadata', 'name')}"
            yield f"{name}: {place}: certificate {uri} cannot be read: {problem}"


def _references(
    cloud: Cloud, cluster: Resource, manifest: Mapping[str, Any]
) -> Iterator[tuple[str, str, VaultReader]]:
    """(path of the reference, certificate id, reader) of each certificate of an object."""
    name = at(manifest, "metadata", "name")
    if manifest["kind"] == "Ingress":
        uri = mapping(manifest, "metadata", "annotations").get(URI_ANNOTATION)
        if isinstance(uri, str):
            reader = _without_pod(f"keyvault-{name}") or _addon(cluster)
            yield f"metadata.annotations[{URI_ANNOTATION}]", uri, reader
    elif manifest["kind"] == "Gateway":
        namespace = str(at(manifest, "metadata", "namespace"))
        for index, listener in enumerate(items(manifest, "spec", "listeners")):
            options = mapping(listener, "tls", "options")
            uri = options.get(URI_ANNOTATION)
            if isinstance(uri, str):
                account = options.get(SERVICE_ACCOUNT_OPTION)
                reader = _without_pod(f"kv-gw-cert-{name}-{listener['name']}") or _account(
                    cloud, cluster, namespace, account
                )
                yield f"spec.listeners[{index}].tls.options", uri, reader


def _without_pod(name: str) -> VaultReader | None:
    """Why the add-on's Deployment of a name has no pod that reads; None if it has one.

    The name is also the value of the pod's label `app`, which may not be as long as a name.
    """
    if len(name) <= _LONGEST_LABEL:
        return None
    why = f"the add-on's pod has the label app: {name}, of {len(name)} characters; at most"
    return VaultReader(missing=f"{why} {_LONGEST_LABEL} are allowed, so there is no such pod")


def _addon(cluster: Resource) -> VaultReader:
    principal = at(cluster.outputs, "ingressProfile", "webAppRouting", "identity", "objectId")
    missing = "" if principal else "the application routing add-on is disabled"
    return VaultReader(str(principal or ""), missing)


def _account(cloud: Cloud, cluster: Resource, namespace: str, name: Any) -> VaultReader:
    """The identity that is federated with a service account."""
    if not name:
        return VaultReader(
            missing=f"the listener has no service account ({SERVICE_ACCOUNT_OPTION})"
        )
    key = f"{cluster.id}/kubernetes/core/ServiceAccount/{namespace}/{name}"
    account = cloud.get(key)
    client = mapping(account.inputs if account else {}, "metadata", "annotations").get(
        CLIENT_ID_ANNOTATION
    )
    identities = cloud.store.of_type("managedidentity:UserAssignedIdentity")
    identity = next((item for item in identities if item.outputs.get("clientId") == client), None)
    if client is None or identity is None:
        return VaultReader(
            missing=f"service account {namespace}/{name} has no identity ({CLIENT_ID_ANNOTATION})"
        )
    subject = f"system:serviceaccount:{namespace}:{name}"
    issuer = at(cluster.outputs, "oidcIssuerProfile", "issuerURL")
    federated = any(
        (item.inputs.get("subject"), item.inputs.get("issuer")) == (subject, issuer)
        for item in cloud.store.below(identity.id)
    )
    missing = "" if federated else f"{identity.id} is not federated with {subject} of {issuer}"
    return VaultReader(str(identity.outputs["principalId"]), missing)


def _problem(cloud: Cloud, cluster: Resource, uri: str, principal: str) -> str | None:
    profiles = mapping(cluster.inputs, "addonProfiles")
    enabled = {name.lower() for name, profile in profiles.items() if at(profile, "enabled")}
    if _DRIVER not in enabled:
        return "the add-on azureKeyvaultSecretsProvider, which mounts it, is disabled"
    match = _OBJECT.fullmatch(uri)
    if match is None:
        return "use the id of a certificate: https://<vault>.vault.azure.net/certificates/<name>"
    vault = keyvault.find_vault(cloud, match.group(1))
    if vault is None:
        return f"the vault {match.group(1)} does not exist: no such host"
    if not vault_secrets.can_read_secrets(cloud, vault, principal):
        return f'Status=403 Code="Forbidden": identity {principal} cannot get secrets of {vault.id}'
    secret = cloud.get(f"{vault.id}/secrets/{match.group(2)}")
    if secret is None:
        return f'Status=404 Code="SecretNotFound": {vault.id} does not contain {match.group(2)}'
    return _form(cloud, secret)


def _form(cloud: Cloud, secret: Resource) -> str | None:
    """Why the driver can make no TLS secret of a vault's secret, in whatever form that is.

    It converts the secret of a certificate according to its content type. It copies any other
    secret as it is. Source: secrets-store-csi-driver-provider-azure, pkg/provider/provider.go
    (getSecret).
    """
    content = str(at(secret.inputs, "properties", "contentType") or "")
    if vault_secrets.is_of_certificate(cloud, secret):
        known = content.lower() in {certificate_files.PFX, certificate_files.PEM}
        return None if known else f"failed to get certificate. unknown content type '{content}'"
    value = str(at(secret.inputs, "properties", "value") or "")
    problem = certificate_files.tls_secret_problem(value)
    if problem is None:
        return None
    return (
        f"{secret.id} ({content or 'no content type'}) is a plain secret, and {problem}. There is"
        " no TLS secret, and the controller serves its own certificate: a gateway in front of it"
        " answers 502. Use PEM, or a certificate of the vault"
    )
