"""The imports of azure-native's SDK, and the start of its provider, side by side."""

from __future__ import annotations

import pulumi_azure_native
from pulumi_azure_native import authorization

COMMON_NAMESPACES = (
    "authorization",
    "containerservice",
    "keyvault",
    "managedidentity",
    "network",
    "privatedns",
    "resources",
)
"""The namespaces that every stack uses. The SDK imports a namespace at its first use, which takes
up to half a second. The stacks that use other namespaces import them later."""


def start_provider() -> None:
    """Make the engine start the provider, which it does at the first invoke or resource.

    Without credentials this is also the first call that fails.
    """
    authorization.get_client_config_output()


def load() -> None:
    """Import the namespaces that every stack uses; for a thread beside the event loop's."""
    for name in COMMON_NAMESPACES:
        # The module is lazy: only reading an attribute imports it.
        _ = getattr(pulumi_azure_native, name).outputs
