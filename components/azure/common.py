"""What every component is given alike, and what every resource's options have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from components.azure.naming import Names

_VERSIONED = re.compile(r"azure-native:[a-z]+/v\d{8}(preview|privatepreview)?:")


@dataclass(frozen=True)
class CommonArgs:
    """Names, region, tags and protection, the same for all components of a deployment."""

    names: Names
    tags: Mapping[str, str]
    protect: bool
    """Refuse to delete or replace stateful resources: networks, cluster, vault, zones, gateways."""

    @property
    def location(self) -> str:
        """The region of every resource that has one."""
        return self.names.location


def without_version_aliases(opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    """Options for a component that drop azure-native's versioned aliases from all its children.

    The SDK gives each resource up to 113 aliases, one for each API version of its type, and spends
    about 30 ms and 1 MB of every run on building them. They only matter to a state that was written
    with versioned type tokens (`azure-native:network/v20240501:Subnet`), which this program never
    writes. Unversioned aliases, for types that moved between modules, stay.
    """
    own = pulumi.ResourceOptions(transformations=[_drop_version_aliases])
    return pulumi.ResourceOptions.merge(own, opts)


def _drop_version_aliases(
    args: pulumi.ResourceTransformationArgs,
) -> pulumi.ResourceTransformationResult:
    aliases = args.opts.aliases
    if aliases and not isinstance(aliases, pulumi.Output):
        args.opts.aliases = [
            alias
            for alias in aliases
            if not (
                isinstance(alias, pulumi.Alias)
                and isinstance(alias.type_, str)
                and _VERSIONED.match(alias.type_)
            )
        ]
    return pulumi.ResourceTransformationResult(args.props, args.opts)


def reference(id_: pulumi.Input[str]) -> Any:
    """A reference to another resource by its id alone.

    A plain dict on purpose: the SDK's classes for whole resources (SubnetArgs and the like) add
    that resource's defaults to a reference, which then show as changes.
    """
    return {"id": id_}


def minutes(count: int) -> pulumi.CustomTimeouts:
    """Timeouts for a resource that Azure may take long over."""
    text = f"{count}m"
    return pulumi.CustomTimeouts(create=text, update=text, delete=text)


LONG = minutes(90)
"""Clusters, node pools, Bastion, gateways: Azure takes up to tens of minutes over each."""
