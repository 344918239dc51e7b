"""DNS zones, the key vault for certificates, and the roles of the ingress add-on on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import authorization, dns, keyvault

from components.azure.common import CommonArgs
from components.azure.component import Component
from components.azure.resource_ids import resource_name
from components.azure.role_assignments import Roles, grants
from components.azure.roles import Role
from components.network.private_dns import PrivateDnsZone, private_dns_zone
from components.network.private_endpoint import EndpointArgs, private_endpoint
from components.settings.private_dns import VAULT_ZONE, existing_zone

ZONE_ROLES = {
    "public": Role.DNS_ZONE_CONTRIBUTOR,
    "private": Role.PRIVATE_DNS_ZONE_CONTRIBUTOR,
}
"""The role that managing records in a zone requires, by the kind of the zone."""


@dataclass(frozen=True)
class DnsAndKeyVaultArgs:
    """The zones, and the networks from which zones and vault are used."""

    common: CommonArgs
    resource_group_name: pulumi.Input[str]
    public_zones: Sequence[str]
    private_zones: Sequence[str]
    addon_manages_public_records: bool
    """Whether application routing manages records in the public zones. False with a web application
    firewall: its address belongs in the records, and the add-on would publish the address of the
    ingress controller."""
    virtual_network_ids: Mapping[str, pulumi.Input[str]]
    """Resource ids of the networks in which private names resolve, by a key for the link's name."""
    private_endpoint_subnet_id: pulumi.Input[str]
    existing_zone_ids: Sequence[str] = ()
    """Resource ids of other teams' private zones, which replace the zones of the same names."""


class DnsAndKeyVault(Component):
    """Public and private DNS zones, and a key vault with a private endpoint.

    It serves every ingress controller. It does not manage the application routing add-on, which is
    part of the cluster.
    """

    FORMER_NAMES = ("AppRouting",)

    addon_zone_ids: Mapping[str, Mapping[str, pulumi.Output[str]]]
    """Resource ids of the zones in which the add-on manages records, by kind (`public`, `private`)
    and by the zone's name."""
    name_servers: Mapping[str, pulumi.Output[Sequence[str]]]
    """By public zone, the name servers to which its parent zone must delegate."""
    public_zone_names: Mapping[str, pulumi.Output[str]]
    """The public zones' names by name, as outputs, so that records wait for their zone."""
    vault: pulumi.Resource
    """The vault itself, for the option `deleted_with` of what is in it."""
    private_zone_names: Mapping[str, pulumi.Output[str]]
    """The names of the private zones for internal hosts that this component creates, likewise."""
    vault_id: pulumi.Output[str]
    """The vault's resource id."""
    vault_name: pulumi.Output[str]
    """The vault's name. Autonaming makes it: Azure reserves the name of a deleted vault for 90
    days."""
    vault_ready: Mapping[str, Sequence[pulumi.Resource]]
    """By network, the resources with which the vault's name resolves to its private endpoint there.
    What reads the vault from the network must wait for them: the vault has no public endpoint. The
    links of another team's zone are not among them."""
    vault_uri: pulumi.Output[str]
    """`https://<vault>.vault.azure.net/`."""

    def __init__(
        self, name: str, args: DnsAndKeyVaultArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        self._name = name
        self._args = args
        public = self._public_zones()
        private = {zone: self._private_zone(zone) for zone in args.private_zones}
        self.private_zone_names = {name: zone.name for name, zone in private.items() if zone.name}
        self.public_zone_names = {name: zone.name for name, zone in public.items()}
        self.name_servers = {name: zone.name_servers for name, zone in public.items()}
        addon_public = public if args.addon_manages_public_records else {}
        self.addon_zone_ids = {
            "public": {name: zone.id for name, zone in addon_public.items()},
            "private": {name: zone.id for name, zone in private.items()},
        }
        self._vault()
        self.register_outputs({"vaultName": self.vault_name})

    def grant_addon(
        self,
        principal_id: pulumi.Input[str],
        certificate_vault_ids: Sequence[str] = (),
        *,
        manages_records: bool = True,
    ) -> list[authorization.RoleAssignment]:
        """Grant the roles of the application routing add-on's identity.

        It manages records in its zones and reads certificates from the vault. Azure creates the
        identity with the cluster. `certificate_vault_ids` are further vaults with certificates.
        `manages_records` is false where the records are those of a Gateway. AKS leaves the add-on's
        external-dns running after its zones are gone. Without the roles it can neither overwrite
        nor delete those records, which have the same owner (`app_routing_gateways`).
        """
        none: Mapping[str, Mapping[str, pulumi.Output[str]]] = {}
        zone_ids = self.addon_zone_ids if manages_records else none
        return grants(
            f"{self._name}-addon",
            addon_roles(zone_ids, self.vault_id, certificate_vault_ids),
            names=self._args.common.names,
            principal_id=principal_id,
            parent=self,
        )

    def _public_zones(self) -> dict[str, dns.Zone]:
        common = self._args.common
        return {
            zone: dns.Zone(
                f"{self._name}-{zone}",
                zone_name=zone,
                resource_group_name=self._args.resource_group_name,
                location="global",
                zone_type=dns.ZoneType.PUBLIC,
                tags=common.tags,
                opts=pulumi.ResourceOptions(parent=self, protect=common.protect),
            )
            for zone in self._args.public_zones
        }

    def _private_zone(self, zone: str) -> PrivateDnsZone:
        return private_dns_zone(
            f"{self._name}-{zone}",
            common=self._args.common,
            zone_name=zone,
            existing_zone_id=existing_zone(self._args.existing_zone_ids, zone),
            resource_group_name=self._args.resource_group_name,
            virtual_network_ids=self._args.virtual_network_ids,
            parent=self,
        )

    def _vault(self) -> None:
        common = self._args.common
        tenant_id = authorization.get_client_config_output(
            opts=pulumi.InvokeOutputOptions(parent=self)
        ).tenant_id
        vault = keyvault.Vault(
            f"{self._name}-kv",
            resource_group_name=self._args.resource_group_name,
            location=common.location,
            properties=keyvault.VaultPropertiesArgs(
                tenant_id=tenant_id,
                sku=keyvault.SkuArgs(family="A", name=keyvault.SkuName.STANDARD),
                enable_rbac_authorization=True,
                enable_soft_delete=True,
                soft_delete_retention_in_days=90,
                enable_purge_protection=True,
                public_network_access="disabled",
                # Application Gateway is a trusted service; all others use the private endpoint.
                network_acls=keyvault.NetworkRuleSetArgs(
                    bypass="AzureServices", default_action="Deny"
                ),
            ),
            tags=common.tags,
            opts=pulumi.ResourceOptions(parent=self, protect=common.protect),
        )
        self.vault = vault
        self.vault_id = vault.id
        self.vault_name = vault.name
        self.vault_uri = vault.properties.apply(lambda properties: properties.vault_uri or "")
        self._vault_endpoint(vault)

    def _vault_endpoint(self, vault: keyvault.Vault) -> None:
        dns_zone = self._private_zone(VAULT_ZONE)
        group = private_endpoint(
            f"{self._name}-kv",
            EndpointArgs(
                common=self._args.common,
                resource_group_name=self._args.resource_group_name,
                subnet_id=self._args.private_endpoint_subnet_id,
                service_id=vault.id,
                part="vault",
                zone_name=VAULT_ZONE,
                zone_id=dns_zone.id,
            ),
            parent=self,
        )
        links = dns_zone.links
        self.vault_ready = {
            key: [group, *([links[key]] if key in links else [])]
            for key in self._args.virtual_network_ids
        }


def addon_roles(
    zone_ids: Mapping[str, Mapping[str, pulumi.Input[str]]],
    vault_id: pulumi.Input[str],
    certificate_vault_ids: Sequence[str] = (),
) -> Roles:
    """The roles of the add-on's identity: those that `az aks approuting` grants.

    `zone_ids` are by kind and name, as in `DnsAndKeyVault.addon_zone_ids`. Source:
    aks/app-routing-dns-ssl.
    """
    role = Role.KEY_VAULT_CERTIFICATE_USER
    return {
        **zone_roles(zone_ids),
        "vault": (role, vault_id),
        **certificate_vault_roles(role, certificate_vault_ids),
    }


def zone_roles(
    zone_ids: Mapping[str, Mapping[str, pulumi.Input[str]]],
) -> dict[str, tuple[Role, pulumi.Input[str]]]:
    """The role for managing records, on each of these zones, by the zone's name."""
    return {
        zone: (ZONE_ROLES[kind], zone_id)
        for kind, zones in zone_ids.items()
        for zone, zone_id in zones.items()
    }


def certificate_vault_roles(
    role: Role, vault_ids: Sequence[str]
) -> dict[str, tuple[Role, pulumi.Input[str]]]:
    """A role on each of these vaults, by a key with the vault's name."""
    return {key: (role, vault_id) for key, vault_id in certificate_vault_keys(vault_ids).items()}


def certificate_vault_keys(vault_ids: Iterable[str]) -> dict[str, str]:
    """These vaults, each once, by a key with the vault's name."""
    by_name = {resource_name(vault_id).lower(): vault_id for vault_id in vault_ids}
    return {f"certificate-vault-{name}": by_name[name] for name in sorted(by_name)}
