"""azure-native's SDK and provider, made ready side by side."""

from __future__ import annotations

import pulumi_azure_native
from pulumi_azure_native import authorization

EVERY_STACK = (
    "authorization",
    "containerservice",
    "keyvault",
    "managedidentity",
    "network",
    "privatedns",
    "resources",
)
"""The namespaces that every stack uses. The SDK imports one when it is first looked into, which
takes up to half a second; the others are left to the stacks that use them."""


def start_provider() -> None:
    """Have the engine start the provider, which it does at the first question or resource.

    Also the first to fail where nobody is signed in.
    """
    authorization.get_client_config_output()


def load() -> None:
    """Import what every stack uses; meant for a thread beside the event loop's."""
    for name in EVERY_STACK:
        # Naming the module is not enough: an attribute of it must be asked for.
        _ = getattr(pulumi_azure_native, name).outputs
