"""Arguments and resource options that all components share."""

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
    """Names, region, tags and protection: the same for all components of a deployment."""

    names: Names
    tags: Mapping[str, str]
    protect: bool
    """Whether Pulumi refuses to delete or replace the stateful resources: networks, cluster, key
    vault, DNS zones, gateways."""

    @property
    def location(self) -> str:
        """The Azure region of all regional resources, such as `westeurope`."""
        return self.names.location


def without_version_aliases(opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    """Options of a resource that drop azure-native's versioned aliases from it and its children.

    The SDK gives each resource up to 113 aliases, one for each API version of its type. Building
    them takes about 30 ms and 1 MB in every run. They matter only to a state with versioned type
    tokens (`azure-native:network/v20240501:Subnet`), which this program never writes. Unversioned
    aliases, for types that moved between modules, stay.
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
    """A reference to another resource: an object with nothing but its id.

    It is a plain dict because the SDK's classes for whole resources, such as SubnetArgs, add that
    resource's defaults to a reference. A later preview would show these defaults as changes.
    """
    return {"id": id_}


def timeouts(minutes: int) -> pulumi.CustomTimeouts:
    """The same timeout for creation, update and deletion."""
    text = f"{minutes}m"
    return pulumi.CustomTimeouts(create=text, update=text, delete=text)


LONG_TIMEOUTS = timeouts(90)
"""For clusters, node pools, Bastion hosts, firewalls and gateways: an operation on one of these may
take Azure tens of minutes."""
