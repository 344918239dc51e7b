"""How azure-native signs in, from the settings and the environment that it reads.

Source: pulumi-azure-native, provider/pkg/provider/auth_azidentity.go. A setting of the stack takes
precedence over its variable. The provider uses the first method that is set up and tries no other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

PACKAGE = "azure-native"


@dataclass(frozen=True)
class Options:
    """The provider's options, each from a setting or from its environment variable."""

    config: Mapping[str, Any]
    """The stack file's `config`."""
    environment: Mapping[str, str]

    def value(self, setting: str, *variables: str) -> str:
        """The setting, else the first of the variables that is set, else an empty text."""
        configured: Any = self.config.get(f"{PACKAGE}:{setting}")
        if isinstance(configured, bool):
            return str(configured).lower()
        if isinstance(configured, str | int) and configured:
            return str(configured)
        return next(
            (self.environment[name] for name in variables if self.environment.get(name)), ""
        )

    @property
    def subscription(self) -> str:
        return self.value("subscriptionId", "ARM_SUBSCRIPTION_ID")

    @property
    def tenant(self) -> str:
        return self.value("tenantId", "ARM_TENANT_ID")

    @property
    def client(self) -> str:
        return self.value("clientId", "ARM_CLIENT_ID")

    @property
    def cloud(self) -> str:
        """The name of the Azure cloud in azure-native; empty for the public cloud."""
        return self.value("environment", "ARM_ENVIRONMENT", "AZURE_ENVIRONMENT")


@dataclass(frozen=True)
class Method:
    """A method to sign in, and what it requires."""

    name: str
    chosen: Callable[[Options], bool]
    needs: tuple[str, ...] = ()
    """Those of `subscriptionId`, `tenantId` and `clientId` that must be set."""


CLI = "Azure CLI"
DEFAULT = "default Azure credential"
CERTIFICATE = "service principal with a certificate"
SECRET = "service principal with a secret"  # noqa: S105 - the name of a method
OIDC = "OIDC"
IDENTITY = "managed identity"

_ALL = ("subscriptionId", "tenantId", "clientId")

METHODS = (
    Method(
        DEFAULT,
        lambda o: (
            o.value("useDefaultAzureCredential", "ARM_USE_DEFAULT_AZURE_CREDENTIAL") == "true"
        ),
        ("subscriptionId",),
    ),
    Method(
        CERTIFICATE,
        lambda o: bool(o.value("clientCertificatePath", "ARM_CLIENT_CERTIFICATE_PATH")),
        _ALL,
    ),
    Method(SECRET, lambda o: bool(o.value("clientSecret", "ARM_CLIENT_SECRET")), _ALL),
    Method(OIDC, lambda o: o.value("useOidc", "ARM_USE_OIDC") == "true", _ALL),
    Method(IDENTITY, lambda o: o.value("useMsi", "ARM_USE_MSI") == "true", ("subscriptionId",)),
    Method(CLI, lambda _: True),
)
"""In the order in which azure-native tries them."""

_VARIABLES = {
    "subscriptionId": "ARM_SUBSCRIPTION_ID",
    "tenantId": "ARM_TENANT_ID",
    "clientId": "ARM_CLIENT_ID",
}


def method(options: Options) -> Method:
    """The method that azure-native uses."""
    return next(candidate for candidate in METHODS if candidate.chosen(options))


def missing(options: Options) -> list[str]:
    """The variables that the method needs, where neither they nor their settings are set."""
    return [
        _VARIABLES[setting]
        for setting in method(options).needs
        if not options.value(setting, _VARIABLES[setting])
    ]
