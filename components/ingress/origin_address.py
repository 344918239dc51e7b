"""The public address of an ingress controller's load balancer, known before the cluster exists.

A third party's firewall needs the address as its origin, and public records can point to it. AKS
takes an existing address by its name and resource group ("Use a static public IP address and DNS
label with the AKS load balancer").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import resources

from components.azure.common import CommonArgs
from components.azure.component import Component
from components.azure.naming import ORIGIN
from components.azure.role_assignments import grants
from components.azure.roles import Role
from components.network import virtual_network


@dataclass(frozen=True)
class OriginAddressArgs:
    """The identity that attaches the address to the load balancer."""

    common: CommonArgs
    identity_principal_id: pulumi.Input[str]
    """Object id of the cluster's identity."""
    part: str = ORIGIN
    """The part of the Azure names that tells apart the addresses of several controllers."""


class OriginAddress(Component):
    """A static public address in a resource group of its own.

    The cluster's identity needs Network Contributor on the resource group of the address
    (aks/static-ip). In a group of its own the role reaches nothing else.
    """

    address_id: pulumi.Output[str]
    """The address's resource id."""
    address: pulumi.Output[str]
    """The public address."""
    ready: Sequence[pulumi.Resource]
    """What must exist before the cluster, and be deleted after it."""

    def __init__(
        self, name: str, args: OriginAddressArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        common = args.common
        group = resources.ResourceGroup(
            f"{name}-rg",
            resource_group_name=common.names.of("rg", args.part),
            location=common.location,
            tags=common.tags,
            opts=pulumi.ResourceOptions(parent=self, protect=common.protect),
        )
        address = virtual_network.public_ip(
            f"{name}-ip",
            common=common,
            azure_name=common.names.of("pip", args.part),
            resource_group_name=group.name,
            zones=(),
            parent=self,
        )
        roles = grants(
            name,
            {"group": (Role.NETWORK_CONTRIBUTOR, group.id)},
            names=common.names,
            principal_id=args.identity_principal_id,
            parent=self,
        )
        self.address_id = address.id
        self.address = address.ip_address.apply(lambda text: text or "")
        self.ready = [address, *roles]
        self.register_outputs({"address": self.address})
