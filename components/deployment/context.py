"""What everything in a deployment is made from: settings, address plan, names, resource groups."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import resources

from components.addressing import AddressPlan
from components.azure.common import CommonArgs, without_version_aliases
from components.azure.naming import Names
from components.settings.load import Configuration
from components.settings.stack import Settings


@dataclass(frozen=True)
class DeploymentContext:
    """The settings and the plan, with what every component is given alike."""

    settings: Settings
    plan: AddressPlan
    common: CommonArgs
    prefix: str
    """Sets logical names apart from another deployment's in the same program."""
    parent: pulumi.Resource | None = None
    """What the components belong to; None for the stack."""

    @classmethod
    def of(
        cls, checked: Configuration, prefix: str = "", parent: pulumi.Resource | None = None
    ) -> DeploymentContext:
        """The foundation of a deployment with a configuration that has been checked."""
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

    def named(self, part: str) -> str:
        """A component's logical name."""
        return f"{self.prefix}{part}"

    @property
    def opts(self) -> pulumi.ResourceOptions:
        """Options of every component."""
        return pulumi.ResourceOptions(parent=self.parent)

    def group(self, part: str) -> resources.ResourceGroup:
        """A resource group that several components share."""
        return resources.ResourceGroup(
            self.named(f"{part}-rg"),
            resource_group_name=self.common.names.of("rg", part),
            location=self.common.location,
            tags=self.common.tags,
            opts=without_version_aliases(
                pulumi.ResourceOptions(parent=self.parent, protect=self.common.protect)
            ),
        )

    @property
    def egress_via_hub(self) -> bool:
        """Whether an appliance in the management network forwards what the cluster sends out."""
        return self.settings.network.egress in {"firewall", "appliance"}
