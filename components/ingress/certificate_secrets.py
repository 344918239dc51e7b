"""A certificate as secrets of the stack's key vault, in the form that each of its readers takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import keyvault

from components.azure.common import CommonArgs
from components.settings.pfx import read_pfx


@dataclass(frozen=True)
class VaultArgs:
    """The key vault for the certificates."""

    id: pulumi.Input[str]
    name: pulumi.Input[str]
    uri: pulumi.Input[str]
    """`https://<vault>.vault.azure.net/`."""
    resource_group_name: pulumi.Input[str]
    """The vault's resource group."""
    resource: pulumi.Resource | None = None
    """The vault itself, where it belongs to the same program."""
    ready: Sequence[pulumi.Resource] = ()
    """The resources that make the vault reachable from the gateway's network."""

    def secret_id(self, name: pulumi.Input[str]) -> pulumi.Output[str]:
        """The Key Vault id of a secret, without a version."""
        return pulumi.Output.concat(self.uri, "secrets/", name)


@dataclass(frozen=True)
class CertificateSecrets:
    """The secrets of one vault, all with the same resource as their parent."""

    common: CommonArgs
    vault: VaultArgs
    parent: pulumi.Resource

    def pfx(self, name: str, pfx: str) -> keyvault.Secret:
        """The secret for Application Gateway, which reads a PFX in base64.

        Source: Microsoft.Network/applicationGateways, sslCertificates[].keyVaultSecretId.
        """
        return self._secret(name, "application/x-pkcs12", pfx)

    def pem(self, name: str, pfx: str) -> keyvault.Secret:
        """The secret for the application routing add-on: the same key and certificates as PEM.

        The Secrets Store CSI driver converts a PFX only if the secret belongs to a certificate of
        the vault. It copies any other secret as it is, and then looks for PEM in it. Source:
        secrets-store-csi-driver-provider-azure, pkg/provider/provider.go (getSecret);
        secrets-store-csi-driver, pkg/util/secretutil/secret.go (GetCertPart).
        """
        return self._secret(name, "application/x-pem-file", read_pfx(pfx).pem)

    def _secret(self, name: str, content_type: str, value: str) -> keyvault.Secret:
        """A secret that is written through Azure Resource Manager and never deleted.

        azure-native deletes a secret through the vault itself, which is closed to the machine that
        deploys; a deleted one would block its name for 90 days. A secret therefore goes with its
        vault, and stays there when the settings no longer need it. A later secret needs another
        name: autonaming makes it, with the pattern in `Pulumi.yaml`. Source: pulumi-azure-native,
        provider/pkg/resources/customresources/custom_keyvault.go.
        """
        return keyvault.Secret(
            name,
            vault_name=self.vault.name,
            resource_group_name=self.vault.resource_group_name,
            properties=keyvault.SecretPropertiesArgs(
                content_type=content_type, value=pulumi.Output.secret(value)
            ),
            tags=self.common.tags,
            opts=pulumi.ResourceOptions(
                parent=self.parent,
                deleted_with=self.vault.resource,
                retain_on_delete=True,
            ),
        )
