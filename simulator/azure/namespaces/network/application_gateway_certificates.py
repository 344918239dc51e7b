"""The certificates of an Application Gateway, and its access to them in Key Vault."""

from __future__ import annotations

import re
from collections.abc import Iterator

from simulator.azure import certificate_files
from simulator.azure.model import Request
from simulator.azure.namespaces import keyvault, vault_secrets
from simulator.azure.namespaces.network.tokens import APPLICATION_GATEWAY
from simulator.azure.rules import Refusal, rule
from simulator.store import Resource
from support import arm_ids
from support.nested import at, items

_KEY_VAULT = "Microsoft Learn: azure/application-gateway/key-vault-certs"
_SECRET = re.compile(r"(?i)https://([^./]+)\.vault\.azure\.net/secrets/([^/]+)(?:/[^/]*)?/?$")


@rule(
    "ApplicationGatewayCertificateDataOrKeyVaultSecretIdMustBeSpecified",
    APPLICATION_GATEWAY,
    source="Microsoft Learn: azure/application-gateway/application-gateway-troubleshooting",
)
def a_certificate_is_given(request: Request) -> Refusal | None:
    """A certificate has its data or a Key Vault secret."""
    for item in items(request.inputs, "sslCertificates"):
        if not item.get("data") and not item.get("keyVaultSecretId"):
            return Refusal(
                f"Certificate {item.get('name')} has neither data nor keyVaultSecretId.",
                "sslCertificates",
            )
    return None


def _references(request: Request) -> Iterator[tuple[str, Resource | None, Resource | None]]:
    """(id in the request, vault, secret) of each certificate in a key vault."""
    for item in items(request.inputs, "sslCertificates"):
        if item.get("keyVaultSecretId"):
            reference = str(item["keyVaultSecretId"])
            match = _SECRET.match(reference)
            vault = keyvault.find_vault(request.cloud, match.group(1)) if match else None
            secret = f"{vault.id}/secrets/{match.group(2)}" if vault and match else ""
            yield reference, vault, request.cloud.store.get(secret)


@rule("ApplicationGatewayKeyVaultSecretException", APPLICATION_GATEWAY, source=_KEY_VAULT)
def a_certificates_secret_exists(request: Request) -> Refusal | None:
    """The Key Vault secret of a certificate must exist."""
    for reference, _vault, secret in _references(request):
        if secret is None:
            text = (
                f"Unable to retrieve certificate '{reference}' from Key Vault: it does not exist."
            )
            return Refusal(text, "sslCertificates")
    return None


@rule("ApplicationGatewayKeyVaultSecretException", APPLICATION_GATEWAY, source=_KEY_VAULT)
def a_gateways_identity_reads_its_certificates(request: Request) -> Refusal | None:
    """The gateway's identity must be able to get the secret, by a role or an access policy."""
    assigned = (request.find(reference) for reference in request.identities)
    principals = [str(item.outputs.get("principalId")) for item in assigned if item]
    for _reference, vault, _secret in _references(request):
        if vault and not any(
            vault_secrets.can_read_secrets(request.cloud, vault, item) for item in principals
        ):
            subject = "The gateway's identity" if principals else "The gateway has no identity and"
            text = f"{subject} cannot get secrets of the Key Vault {vault.id}."
            return Refusal(text, "identity")
    return None


@rule(
    "ApplicationGatewaySslCertificatePasswordIncorrect",
    APPLICATION_GATEWAY,
    source="github.com/mspnp/aks-baseline/issues/385",
)
def a_certificates_secret_has_no_password(request: Request) -> Refusal | None:
    """The gateway opens the PFX in a secret without a password."""
    for reference, _vault, secret in _references(request):
        if secret and certificate_files.needs_password(_value(secret)):
            text = f"Password specified for certificate '{reference}' is incorrect."
            return Refusal(text, "sslCertificates")
    return None


@rule(
    "ApplicationGatewaySslCertificateInvalidData",
    APPLICATION_GATEWAY,
    source="github.com/mspnp/aks-baseline-multi-region/issues/20; "
    "REST: applicationGateways, sslCertificates[].keyVaultSecretId",
)
def a_certificates_secret_is_a_pfx(request: Request) -> Refusal | None:
    """The gateway reads a PFX in base64 and no PEM, from a plain secret or a certificate's."""
    for reference, _vault, secret in _references(request):
        if secret is None:
            continue
        content = str(at(secret.inputs, "properties", "contentType")).lower()
        managed = vault_secrets.is_of_certificate(request.cloud, secret)
        pfx = (
            content == certificate_files.PFX
            if managed
            else certificate_files.is_pfx(_value(secret))
        )
        if not pfx:
            text = f"Data or Password for certificate '{reference}' is invalid."
            return Refusal(text, "sslCertificates")
    return None


def _value(secret: Resource) -> str:
    return str(at(secret.inputs, "properties", "value") or "")


_ENDPOINT, _GROUP = "network:PrivateEndpoint", "network:PrivateDnsZoneGroup"
_LINK = "privatedns:VirtualNetworkLink"


@rule("ApplicationGatewayKeyVaultSecretException", APPLICATION_GATEWAY, source=_KEY_VAULT)
def a_gateways_network_resolves_a_private_vault(request: Request) -> Refusal | None:
    """A private vault's DNS zone, with its record, must be linked to the gateway's network."""
    network = _network(request)
    for _reference, vault, _secret in _references(request):
        access = vault and at(vault.inputs, "properties", "publicNetworkAccess")
        if vault and str(access).lower() == "disabled" and not _resolves(request, vault, network):
            text = (
                f"{network} does not resolve the private endpoint of the Key Vault {vault.id}: no"
                " private DNS zone with its record is linked to it."
            )
            return Refusal(text, "sslCertificates")
    return None


def _network(request: Request) -> str:
    configurations = items(request.inputs, "gatewayIPConfigurations")
    subnet = str(at(configurations[0], "subnet", "id")) if configurations else ""
    return subnet.rpartition("/subnets/")[0]


def _resolves(request: Request, vault: Resource, network: str) -> bool:
    """Whether an endpoint of the vault has its record in a zone that is linked to the network."""
    store = request.cloud.store
    for endpoint in store.referrers(vault.id):
        groups = store.below(endpoint.id, _GROUP) if endpoint.token == _ENDPOINT else []
        zones = [
            str(config.get("privateDnsZoneId"))
            for group in groups
            for config in items(group.inputs, "privateDnsZoneConfigs")
        ]
        for link in (link for zone in zones for link in store.below(zone, _LINK)):
            if arm_ids.same(str(at(link.inputs, "virtualNetwork", "id")), network):
                return True
    return False


TYPES = ()
