"""The base class of all component resources: the type token, and options for all children."""

from __future__ import annotations

from typing import ClassVar

import pulumi

from components.azure.common import without_version_aliases
from components.settings.stack import PROJECT


class Component(pulumi.ComponentResource):
    """A component resource of the type `aks-network:index:<name of the class>`.

    The type is part of the URN of the component and of each of its children. A class that is
    renamed lists its former names, so that an existing state moves over without a replacement.
    """

    FORMER_NAMES: ClassVar[tuple[str, ...]] = ()
    """Names that the class had before, for aliases."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        aliases = pulumi.ResourceOptions(
            aliases=[pulumi.Alias(type_=_token(former)) for former in self.FORMER_NAMES]
        )
        super().__init__(
            _token(type(self).__name__),
            name,
            None,
            without_version_aliases(pulumi.ResourceOptions.merge(aliases, opts)),
        )


def _token(class_name: str) -> str:
    return f"{PROJECT}:index:{class_name}"
