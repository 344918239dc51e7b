"""What every component of a deployment is created from: settings, address plan, names, options."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import resources

from components.addressing import AddressPlan
from components.azure.common import CommonArgs, without_version_aliases
from components.azure.naming import Names
from components.settings import dns_server_rules
from components.settings.load import Configuration
from components.settings.stack import Settings


@dataclass(frozen=True)
class DeploymentContext:
    """The settings and the address plan, and the arguments that all components share."""

    settings: Settings
    plan: AddressPlan
    common: CommonArgs
    prefix: str
    """Prefix of logical names, which tells apart several deployments of one program."""
    parent: pulumi.Resource | None = None
    """The parent of all components; None for the stack."""

    @classmethod
    def of(
        cls, checked: Configuration, prefix: str = "", parent: pulumi.Resource | None = None
    ) -> DeploymentContext:
        """The context of a deployment with a valid configuration."""
        settings = checked.settings
        common = CommonArgs(
            names=Names(settings.workload, settings.environment, settings.location),
            protect=settings.protect,
            tags={
                **settings.tags,
                "workload": settings.workload,
                "environment": settings.environment,
            },
        )
        return cls(settings, checked.plan, common, prefix, parent)

    def logical_name(self, part: str) -> str:
        """The logical name of a component."""
        return f"{self.prefix}{part}"

    @property
    def opts(self) -> pulumi.ResourceOptions:
        """The options of every component."""
        return pulumi.ResourceOptions(parent=self.parent)

    def resource_group(self, part: str) -> resources.ResourceGroup:
        """A resource group that several components share."""
        return resources.ResourceGroup(
            self.logical_name(f"{part}-rg"),
            resource_group_name=self.common.names.of("rg", part),
            location=self.common.location,
            tags=self.common.tags,
            opts=without_version_aliases(
                pulumi.ResourceOptions(parent=self.parent, protect=self.common.protect)
            ),
        )

    @property
    def nodes_need_hub(self) -> bool:
        """Whether nodes need the peering with the management network when they start.

        Their egress goes through it, or the way to a DNS server does.
        """
        network = self.settings.network
        return self.egress_via_hub or any(
            not dns_server_rules.contain(network.address_space, server)
            for server in network.dns_servers
        )

    @property
    def egress_via_hub(self) -> bool:
        """Whether a firewall or appliance in the management network forwards the egress."""
        return self.settings.network.egress in {"firewall", "appliance"}
