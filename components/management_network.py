"""The management network: the separate, peered network that operators come through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import compute, network, resources

from components import virtual_network
from components.common import LONG, CommonArgs, reference, without_version_aliases
from components.settings.management import BastionSettings, JumpBoxSettings
from components.settings.network import NatGatewaySettings
from components.topology import SubnetSpec

UBUNTU = compute.ImageReferenceArgs(
    publisher="Canonical", offer="ubuntu-24_04-lts", sku="server", version="latest"
)


@dataclass(frozen=True)
class PeerArgs:
    """The virtual network to peer with."""

    resource_group_name: pulumi.Input[str]
    virtual_network_name: pulumi.Input[str]
    virtual_network_id: pulumi.Input[str]
    at_rest: pulumi.Resource | None
    """The last write to it, None for a network that nothing here writes. Azure refuses a peering
    while either network is being written (ReferencedResourceNotProvisioned)."""
    another_teams: bool = False
    """Then its own side of the peering is theirs to make; until they do, it is Initiated."""


@dataclass(frozen=True)
class ManagementNetworkArgs:
    """What the management network consists of."""

    common: CommonArgs
    address_space: Sequence[str]
    subnets: Sequence[SubnetSpec]
    """In the order in which they are made; Bastion's first, it takes longest."""
    bastion: BastionSettings
    jump_box: JumpBoxSettings
    nat_gateway: NatGatewaySettings | None
    """The jump box's way out; None for none."""
    peers: Mapping[str, PeerArgs]
    """The clusters' networks, by a key for the peerings' names."""


class ManagementNetwork(pulumi.ComponentResource):
    """Resource group, virtual network, Bastion, jump box, and the peerings in both directions.

    The jump box has no public address: it is reached through Bastion, and the nodes through it.
    """

    resource_group_name: pulumi.Output[str]
    """The management network's resource group."""
    virtual_network: network.VirtualNetwork
    """The virtual network itself, for those that link zones to it."""
    subnet_ids: Mapping[str, pulumi.Output[str]]
    """Resource ids of the subnets, by key."""
    bastion_name: pulumi.Output[str]
    """The Bastion host's name, as `az network bastion` wants it."""
    jump_box_id: pulumi.Output[str]
    """The jump box's resource id."""
    jump_box_address: pulumi.Output[str]
    """The jump box's private address."""

    def __init__(
        self, name: str, args: ManagementNetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(
            "aks-network:index:ManagementNetwork", name, None, without_version_aliases(opts)
        )
        self._name = name
        self._common = args.common
        group = resources.ResourceGroup(
            f"{name}-rg",
            resource_group_name=args.common.names.of("rg", "management"),
            location=args.common.location,
            tags=args.common.tags,
            opts=pulumi.ResourceOptions(parent=self, protect=args.common.protect),
        )
        self.resource_group_name = group.name
        self.virtual_network = virtual_network.virtual_network(
            f"{name}-vnet",
            common=args.common,
            azure_name=args.common.names.of("vnet", "management"),
            resource_group_name=group.name,
            address_space=args.address_space,
            parent=self,
        )
        made = virtual_network.subnets(
            name,
            common=args.common,
            resource_group_name=group.name,
            virtual_network_name=self.virtual_network.name,
            specs=args.subnets,
            nat_gateway_id=self._nat_gateway(args.nat_gateway),
            parent=self,
        )
        self.subnet_ids = made.ids
        self._peerings(args.peers, made.last)
        self._bastion(args.bastion)
        self._jump_box(args.jump_box)
        self.register_outputs({"virtualNetworkId": self.virtual_network.id})

    def _nat_gateway(self, settings: NatGatewaySettings | None) -> pulumi.Output[str] | None:
        if settings is None:
            return None
        gateway, _ = virtual_network.nat_gateway(
            self._name,
            common=self._common,
            part="management",
            resource_group_name=self.resource_group_name,
            public_ip_count=settings.public_ip_count,
            idle_timeout_minutes=settings.idle_timeout_minutes,
            zones=settings.zones,
            parent=self,
        )
        return gateway.id

    def _peerings(self, peers: Mapping[str, PeerArgs], last_subnet: pulumi.Resource) -> None:
        """Both directions to each peer, one after the other: a peering writes to both networks."""
        before = [last_subnet, *(peer.at_rest for peer in peers.values() if peer.at_rest)]
        for key, peer in peers.items():
            there = self._peering(
                f"to-{key}",
                resource_group_name=self.resource_group_name,
                virtual_network_name=self.virtual_network.name,
                remote_id=peer.virtual_network_id,
                before=before,
            )
            before = [*before, there]
            if peer.another_teams:
                continue
            back = self._peering(
                f"from-{key}",
                resource_group_name=peer.resource_group_name,
                virtual_network_name=peer.virtual_network_name,
                remote_id=self.virtual_network.id,
                before=before,
            )
            before = [*before, back]

    def _peering(
        self,
        key: str,
        *,
        resource_group_name: pulumi.Input[str],
        virtual_network_name: pulumi.Input[str],
        remote_id: pulumi.Input[str],
        before: Sequence[pulumi.Resource],
    ) -> network.VirtualNetworkPeering:
        return network.VirtualNetworkPeering(
            f"{self._name}-{key}",
            virtual_network_peering_name=self._common.names.of("peer", "management", key),
            resource_group_name=resource_group_name,
            virtual_network_name=virtual_network_name,
            remote_virtual_network=reference(remote_id),
            allow_virtual_network_access=True,
            allow_forwarded_traffic=False,
            allow_gateway_transit=False,
            use_remote_gateways=False,
            # A changed address space of the remote network is taken over on the next write.
            sync_remote_address_space="true",
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(before)),
        )

    def _bastion(self, settings: BastionSettings) -> None:
        address = virtual_network.public_ip(
            f"{self._name}-bastion-ip",
            common=self._common,
            azure_name=self._common.names.of("pip", "bastion"),
            resource_group_name=self.resource_group_name,
            zones=settings.zones,
            parent=self,
        )
        host = network.BastionHost(
            f"{self._name}-bastion",
            bastion_host_name=self._common.names.of("bas"),
            resource_group_name=self.resource_group_name,
            location=self._common.location,
            sku=network.SkuArgs(name=settings.sku),
            scale_units=settings.scale_units,
            enable_tunneling=settings.tunneling,
            enable_ip_connect=False,
            enable_shareable_link=False,
            enable_file_copy=False,
            disable_copy_paste=False,
            ip_configurations=[
                network.BastionHostIPConfigurationArgs(
                    name="bastion",
                    subnet=network.SubResourceArgs(id=self.subnet_ids["bastion"]),
                    public_ip_address=network.SubResourceArgs(id=address.id),
                    private_ip_allocation_method="Dynamic",
                )
            ],
            zones=list(settings.zones) or None,
            tags=self._common.tags,
            opts=pulumi.ResourceOptions(parent=self, custom_timeouts=LONG),
        )
        self.bastion_name = host.name

    def _jump_box(self, settings: JumpBoxSettings) -> None:
        names = self._common.names
        card = network.NetworkInterface(
            f"{self._name}-jump-box-nic",
            network_interface_name=names.of("nic", "jump-box"),
            resource_group_name=self.resource_group_name,
            location=self._common.location,
            ip_configurations=[
                network.NetworkInterfaceIPConfigurationArgs(
                    name="jump-box",
                    primary=True,
                    subnet=reference(self.subnet_ids["jumpBox"]),
                    private_ip_allocation_method="Dynamic",
                    private_ip_address_version="IPv4",
                )
            ],
            tags=self._common.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        machine = compute.VirtualMachine(
            f"{self._name}-jump-box",
            vm_name=names.of("vm", "jump-box"),
            resource_group_name=self.resource_group_name,
            location=self._common.location,
            hardware_profile=compute.HardwareProfileArgs(vm_size=settings.vm_size),
            network_profile=compute.NetworkProfileArgs(
                network_interfaces=[compute.NetworkInterfaceReferenceArgs(id=card.id, primary=True)]
            ),
            os_profile=_linux_with_key(settings),
            storage_profile=compute.StorageProfileArgs(
                image_reference=UBUNTU,
                os_disk=compute.OSDiskArgs(
                    name=names.of("osdisk", "jump-box"),
                    create_option="FromImage",
                    caching=compute.CachingTypes.READ_WRITE,
                    delete_option="Delete",
                    managed_disk=compute.ManagedDiskParametersArgs(
                        storage_account_type="StandardSSD_LRS"
                    ),
                ),
            ),
            security_profile=compute.SecurityProfileArgs(
                security_type="TrustedLaunch",
                uefi_settings=compute.UefiSettingsArgs(
                    secure_boot_enabled=True, v_tpm_enabled=True
                ),
            ),
            diagnostics_profile=compute.DiagnosticsProfileArgs(
                boot_diagnostics=compute.BootDiagnosticsArgs(enabled=True)
            ),
            identity=compute.VirtualMachineIdentityArgs(
                type=compute.ResourceIdentityType.SYSTEM_ASSIGNED
            ),
            zones=[settings.zone] if settings.zone else None,
            tags=self._common.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.jump_box_id = machine.id
        self.jump_box_address = card.ip_configurations.apply(
            lambda configurations: (
                (configurations[0].private_ip_address or "") if configurations else ""
            )
        )


def _linux_with_key(settings: JumpBoxSettings) -> compute.OSProfileArgs:
    """Sign-in by key only; the image's own patches at the platform's pace."""
    user = settings.admin_username
    return compute.OSProfileArgs(
        computer_name="jump-box",
        admin_username=user,
        linux_configuration=compute.LinuxConfigurationArgs(
            disable_password_authentication=True,
            provision_vm_agent=True,
            patch_settings=compute.LinuxPatchSettingsArgs(
                patch_mode="AutomaticByPlatform", assessment_mode="AutomaticByPlatform"
            ),
            ssh=compute.SshConfigurationArgs(
                public_keys=[
                    compute.SshPublicKeyArgs(
                        path=f"/home/{user}/.ssh/authorized_keys",
                        key_data=settings.ssh_public_key,
                    )
                ]
            ),
        ),
    )
