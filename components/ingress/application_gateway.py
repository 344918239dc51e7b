"""The web application firewall: an Application Gateway WAF_v2 in front of the cluster.

The parts of the gateway are in `application_gateway_config`, the WAF policy in `waf_policy`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import managedidentity, network

from components.azure.common import LONG_TIMEOUTS, CommonArgs, reference
from components.azure.component import Component
from components.azure.role_assignments import Roles, grants
from components.azure.roles import Role
from components.ingress.application_gateway_config import (
    AGIC_MANAGED_PROPERTIES,
    CERTIFICATE,
    FRONTEND,
    GatewayHost,
    PartIds,
    agic_initial_config,
    ingress_controller_config,
)
from components.ingress.certificate_secrets import CertificateSecrets, VaultArgs
from components.ingress.dns_records import HostRecord, address_records
from components.ingress.waf_policy import waf_policy
from components.network import virtual_network
from components.settings.waf import GatewayWaf

AGIC_ROLES = {
    "gateway": Role.CONTRIBUTOR,
    "subnet": Role.NETWORK_CONTRIBUTOR,
    "address": Role.NETWORK_CONTRIBUTOR,
    "policy": Role.NETWORK_CONTRIBUTOR,
    "identity": Role.MANAGED_IDENTITY_OPERATOR,
}
"""The roles of AGIC's identity, on the gateway and on the resources to which it refers."""


@dataclass(frozen=True)
class WebApplicationFirewallArgs:
    """The gateway's settings, subnet, hosts, certificate and DNS records."""

    common: CommonArgs
    resource_group_name: pulumi.Input[str]
    settings: GatewayWaf
    subnet_id: pulumi.Input[str]
    hosts: Sequence[GatewayHost]
    """The applications' hosts, each with its own listener."""
    certificates: Mapping[str, str]
    """Key Vault ids of the secrets of the hosts' own certificates, by the certificate's name in the
    gateway."""
    certificate_vaults: Mapping[str, str]
    """Resource ids of the vaults of these certificates on which the gateway's identity gets a role,
    by a key for the assignment."""
    controller_address: str | None
    """Private address of the ingress controller; None where AGIC configures the gateway."""
    vault: VaultArgs
    controller_reads_certificate: bool
    """Whether the ingress controller fetches the listeners' certificate from the vault, too."""
    records: Sequence[HostRecord]
    """The public DNS records that point to the gateway."""
    zone_group_name: pulumi.Input[str]
    """Resource group of the public zones."""


class WebApplicationFirewall(Component):
    """Public address, WAF policy, gateway, its certificate and the identity that reads it."""

    address: pulumi.Output[str]
    """The gateway's public address, to which clients connect."""
    gateway_id: pulumi.Output[str]
    """The gateway's resource id."""
    certificate_secret_id: pulumi.Output[str]
    """Key Vault id of the secret with the listeners' certificate, without a version, so that Azure
    follows its rotation."""
    controller_secret_id: pulumi.Output[str]
    """Key Vault id of the secret from which the ingress controller fetches the same certificate."""
    agic_scopes: Mapping[str, pulumi.Output[str]]
    """Resource ids of the gateway and of the resources to which it refers: the scopes of the roles
    of AGIC's identity, by the keys of `AGIC_ROLES`."""

    def __init__(
        self,
        name: str,
        args: WebApplicationFirewallArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, opts)
        self._name = name
        self._args = args
        address = virtual_network.public_ip(
            f"{name}-ip",
            common=args.common,
            azure_name=args.common.names.of("pip", "waf"),
            resource_group_name=args.resource_group_name,
            zones=args.settings.zones,
            parent=self,
        )
        policy = waf_policy(
            name,
            common=args.common,
            resource_group_name=args.resource_group_name,
            settings=args.settings,
            parent=self,
        )
        identity, vault_grants = self._identity()
        depends_on = [*vault_grants, *self._certificates(), *args.vault.ready]
        gateway = self._gateway(
            address.id, policy.id, self._site_policies(), identity.id, depends_on
        )
        self.gateway_id = gateway.id
        self.address = address.ip_address.apply(lambda text: text or "")
        address_records(
            name,
            args.records,
            zone_group_name=args.zone_group_name,
            address_id=address.id,
            address=self.address,
            parent=self,
        )
        self.agic_scopes = {
            "gateway": gateway.id,
            "subnet": pulumi.Output.from_input(args.subnet_id),
            "address": address.id,
            "policy": policy.id,
            "identity": identity.id,
        }
        self.register_outputs({"address": self.address})

    def grant_agic(
        self, principal_id: pulumi.Input[str], resource_group_id: pulumi.Input[str]
    ) -> None:
        """Grant the roles of AGIC's identity, which Azure creates with the cluster."""
        grants(
            f"{self._name}-agic",
            agic_roles(self.agic_scopes, resource_group_id),
            names=self._args.common.names,
            principal_id=principal_id,
            parent=self,
        )

    def _site_policies(self) -> dict[str, pulumi.Output[str]]:
        """The ids of the policies of hosts that have another one than the gateway's, by host."""
        args = self._args
        found: dict[str, pulumi.Output[str]] = {}
        for site in args.settings.sites:
            policy = waf_policy(
                f"{self._name}-{site.name}",
                common=args.common,
                resource_group_name=args.resource_group_name,
                settings=args.settings.of_site(site),
                parent=self,
                part=site.name,
            )
            found |= dict.fromkeys(site.hosts, policy.id)
        return found

    def _identity(self) -> tuple[managedidentity.UserAssignedIdentity, Sequence[pulumi.Resource]]:
        """The gateway's identity, and its roles on the vaults with the certificates."""
        common = self._args.common
        identity = managedidentity.UserAssignedIdentity(
            f"{self._name}-id",
            resource_name_=common.names.of("id", "waf"),
            resource_group_name=self._args.resource_group_name,
            location=common.location,
            tags=common.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        vaults = {"vault": self._vault_id(), **self._args.certificate_vaults}
        vault_grants = grants(
            self._name,
            {key: (Role.KEY_VAULT_SECRETS_USER, vault_id) for key, vault_id in vaults.items()},
            names=common.names,
            principal_id=identity.principal_id,
            parent=self,
        )
        return identity, vault_grants

    def _vault_id(self) -> pulumi.Input[str]:
        """The vault with the shared certificate: the settings', or else the stack's own."""
        certificate = self._args.settings.certificate
        return (certificate and certificate.vault_id) or self._args.vault.id

    def _certificates(self) -> list[pulumi.Resource]:
        """Set the ids of the secrets with the certificate; return those that are created here.

        The settings have either the id of an existing secret or a PFX to store in the vault.
        """
        certificate = self._args.settings.certificate
        if certificate is None or certificate.pfx is None:
            secret_id = certificate.secret_id if certificate else None
            self.certificate_secret_id = pulumi.Output.from_input(secret_id or "")
            self.controller_secret_id = self.certificate_secret_id
            return []
        args, pfx = self._args, certificate.pfx.get_secret_value()
        secrets = CertificateSecrets(args.common, args.vault, parent=self)
        secret = secrets.pfx(f"{self._name}-certificate", pfx)
        self.certificate_secret_id = args.vault.secret_id(secret.name)
        self.controller_secret_id = self.certificate_secret_id
        if not args.controller_reads_certificate:
            return [secret]
        pem = secrets.pem(f"{self._name}-certificate-pem", pfx)
        self.controller_secret_id = args.vault.secret_id(pem.name)
        return [secret, pem]

    def _gateway(
        self,
        address_id: pulumi.Output[str],
        policy_id: pulumi.Output[str],
        site_policies: Mapping[str, pulumi.Input[str]],
        identity_id: pulumi.Output[str],
        depends_on: Sequence[pulumi.Resource],
    ) -> network.ApplicationGateway:
        args, settings = self._args, self._args.settings
        azure_name = args.common.names.of("agw")
        ids = PartIds(azure_name, args.resource_group_name, args.subnet_id)
        agic = args.controller_address is None
        if args.controller_address is None:
            config = agic_initial_config(ids)
        else:
            config = ingress_controller_config(
                ids, settings, args.hosts, args.controller_address, site_policies
            )
        return network.ApplicationGateway(
            f"{self._name}-agw",
            application_gateway_name=azure_name,
            resource_group_name=args.resource_group_name,
            location=args.common.location,
            sku=network.ApplicationGatewaySkuArgs(name="WAF_v2", tier="WAF_v2"),
            autoscale_configuration=network.ApplicationGatewayAutoscaleConfigurationArgs(
                min_capacity=settings.min_capacity, max_capacity=settings.max_capacity
            ),
            zones=list(settings.zones) or None,
            enable_http2=True,
            firewall_policy=reference(policy_id),
            identity=network.ManagedServiceIdentityArgs(
                type=network.ResourceIdentityType.USER_ASSIGNED,
                user_assigned_identities=[identity_id],
            ),
            ssl_policy=network.ApplicationGatewaySslPolicyArgs(
                policy_type="Predefined", policy_name=settings.tls_policy
            ),
            gateway_ip_configurations=[
                network.ApplicationGatewayIPConfigurationArgs(
                    name="gateway", subnet=network.SubResourceArgs(id=args.subnet_id)
                )
            ],
            frontend_ip_configurations=[
                network.ApplicationGatewayFrontendIPConfigurationArgs(
                    name=FRONTEND, public_ip_address=network.SubResourceArgs(id=address_id)
                )
            ],
            ssl_certificates=[
                network.ApplicationGatewaySslCertificateArgs(name=name, key_vault_secret_id=secret)
                for name, secret in (
                    (CERTIFICATE, self.certificate_secret_id),
                    *args.certificates.items(),
                )
            ],
            **config,
            tags=args.common.tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=args.common.protect,
                depends_on=list(depends_on),
                ignore_changes=list(AGIC_MANAGED_PROPERTIES) if agic else None,
                custom_timeouts=LONG_TIMEOUTS,
            ),
        )


def agic_roles(
    scopes: Mapping[str, pulumi.Input[str]], resource_group_id: pulumi.Input[str]
) -> Roles:
    """The roles of AGIC's identity on the gateway's `agic_scopes` and on their resource group.

    AGIC writes the whole gateway, and Azure requires rights on every resource to which a gateway
    refers. The add-on's page (tutorial-ingress-controller-add-on-existing) grants Network
    Contributor on the whole resource group; these roles leave out the rest of the group.
    """
    return {
        "group": (Role.READER, resource_group_id),
        **{key: (AGIC_ROLES[key], scope) for key, scope in scopes.items()},
    }
