"""The jump box: a Linux virtual machine without a public address, with the tools to operate AKS."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import authorization, compute, network

from components.azure.common import CommonArgs, reference
from components.azure.role_assignments import grant
from components.azure.roles import Role
from components.network import cloud_init
from components.settings.management import JumpBoxSettings

UBUNTU = {
    "publisher": "Canonical",
    "offer": "ubuntu-24_04-lts",
    "sku": "server",
    "version": "latest",
}


@dataclass(frozen=True)
class JumpBox:
    """The virtual machine and its private address."""

    machine: compute.VirtualMachine
    address: pulumi.Output[str]


def jump_box(
    prefix: str,
    *,
    common: CommonArgs,
    resource_group_name: pulumi.Input[str],
    subnet_id: pulumi.Input[str],
    settings: JumpBoxSettings,
    kubernetes_version: str,
    parent: pulumi.Resource,
) -> JumpBox:
    """A virtual machine with a private address only, and sign-in by SSH key or Entra ID."""
    nic = _network_interface(prefix, common, resource_group_name, subnet_id, parent)
    machine = compute.VirtualMachine(
        f"{prefix}-jump-box",
        vm_name=common.names.of("vm", "jump-box"),
        resource_group_name=resource_group_name,
        location=common.location,
        hardware_profile=compute.HardwareProfileArgs(vm_size=settings.vm_size),
        network_profile=compute.NetworkProfileArgs(
            network_interfaces=[compute.NetworkInterfaceReferenceArgs(id=nic.id, primary=True)]
        ),
        os_profile=_linux_with_key(settings, kubernetes_version),
        storage_profile=_disk(common),
        security_profile=compute.SecurityProfileArgs(
            security_type="TrustedLaunch",
            uefi_settings=compute.UefiSettingsArgs(secure_boot_enabled=True, v_tpm_enabled=True),
            encryption_at_host=True if settings.encryption_at_host else None,
        ),
        diagnostics_profile=compute.DiagnosticsProfileArgs(
            boot_diagnostics=compute.BootDiagnosticsArgs(enabled=True)
        ),
        identity=compute.VirtualMachineIdentityArgs(
            type=compute.ResourceIdentityType.SYSTEM_ASSIGNED
        ),
        zones=[settings.zone] if settings.zone else None,
        tags=common.tags,
        opts=pulumi.ResourceOptions(
            parent=parent,
            # cloud-init runs at first boot only, so a change has no effect on an existing machine.
            ignore_changes=["osProfile.customData"],
            # Azure refuses to change these properties (PropertyChangeNotAllowed), and the provider
            # would find out halfway through a run. The machine has no data but what first boot
            # installs. The new machine has the same name and network interface, so the old one is
            # deleted first.
            replace_on_changes=[
                "osProfile.adminUsername",
                "osProfile.linuxConfiguration.ssh",
                "zones",
            ],
            delete_before_replace=True,
        ),
    )
    address = nic.ip_configurations.apply(
        lambda configurations: (
            (configurations[0].private_ip_address or "") if configurations else ""
        )
    )
    return JumpBox(machine, address)


def _network_interface(
    prefix: str,
    common: CommonArgs,
    resource_group_name: pulumi.Input[str],
    subnet_id: pulumi.Input[str],
    parent: pulumi.Resource,
) -> network.NetworkInterface:
    """The network interface, with a private address only."""
    return network.NetworkInterface(
        f"{prefix}-jump-box-nic",
        network_interface_name=common.names.of("nic", "jump-box"),
        resource_group_name=resource_group_name,
        location=common.location,
        ip_configurations=[
            network.NetworkInterfaceIPConfigurationArgs(
                name="jump-box",
                primary=True,
                subnet=reference(subnet_id),
                private_ip_allocation_method="Dynamic",
                private_ip_address_version="IPv4",
            )
        ],
        tags=common.tags,
        opts=pulumi.ResourceOptions(parent=parent),
    )


def entra_login(
    prefix: str,
    *,
    common: CommonArgs,
    resource_group_id: pulumi.Input[str],
    resource_group_name: pulumi.Input[str],
    machine: compute.VirtualMachine,
    administrators: Sequence[str],
    parent: pulumi.Resource,
) -> None:
    """Let the members of `administrators`, the object ids of groups, sign in with Entra ID.

    They get two roles on the resource group, as the documentation requires: one to sign in to the
    machine as administrators, and Reader for the Bastion host, the network interface and the
    network (entra/identity/devices/howto-vm-sign-in-azure-ad-linux;
    bastion/connect-vm-native-client-linux).
    """
    compute.VirtualMachineExtension(
        f"{prefix}-jump-box-entra-login",
        vm_extension_name="AADSSHLoginForLinux",
        vm_name=machine.name,
        resource_group_name=resource_group_name,
        location=common.location,
        publisher="Microsoft.Azure.ActiveDirectory",
        type="AADSSHLoginForLinux",
        type_handler_version="1.0",
        auto_upgrade_minor_version=True,
        tags=common.tags,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    roles = {"login": Role.VIRTUAL_MACHINE_ADMINISTRATOR_LOGIN, "reader": Role.READER}
    for group in administrators:
        for key, role in roles.items():
            grant(
                f"{prefix}-operators-{group[:8].lower()}-{key}",
                names=common.names,
                role=role,
                scope=resource_group_id,
                principal_id=group,
                principal_type=authorization.PrincipalType.GROUP,
                parent=parent,
            )


def _linux_with_key(settings: JumpBoxSettings, kubernetes_version: str) -> compute.OSProfileArgs:
    """Sign-in by SSH key without a password; Azure installs the patches."""
    user = settings.admin_username
    first_boot = cloud_init.jump_box(kubernetes_version) if settings.tools else None
    return compute.OSProfileArgs(
        computer_name="jump-box",
        admin_username=user,
        custom_data=base64.b64encode(first_boot.encode()).decode() if first_boot else None,
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


def _disk(common: CommonArgs) -> compute.StorageProfileArgs:
    return compute.StorageProfileArgs(
        image_reference=compute.ImageReferenceArgs(**UBUNTU),
        os_disk=compute.OSDiskArgs(
            name=common.names.of("osdisk", "jump-box"),
            create_option="FromImage",
            caching=compute.CachingTypes.READ_WRITE,
            delete_option="Delete",
            managed_disk=compute.ManagedDiskParametersArgs(storage_account_type="StandardSSD_LRS"),
        ),
    )
