"""How azure-native signs in, from the settings and the environment it reads.

Source: pulumi-azure-native, provider/pkg/provider/auth_azidentity.go: a setting of the stack comes
before its variable, and the first method that is set up is taken, without a second try.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

PACKAGE = "azure-native"


@dataclass(frozen=True)
class Options:
    """What the provider is told, each by a setting or by its environment variable."""

    config: Mapping[str, Any]
    """The stack file's `config`."""
    environment: Mapping[str, str]

    def value(self, setting: str, *variables: str) -> str:
        """The setting, else the first of the variables that is set, else nothing."""
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
        """As azure-native names it; empty for the public one."""
        return self.value("environment", "ARM_ENVIRONMENT", "AZURE_ENVIRONMENT")


@dataclass(frozen=True)
class Method:
    """A way to sign in, and what it cannot do without."""

    name: str
    chosen: Callable[[Options], bool]
    needs: tuple[str, ...] = ()
    """Of `subscriptionId`, `tenantId` and `clientId`."""


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
"""In the order in which azure-native looks."""

_VARIABLES = {
    "subscriptionId": "ARM_SUBSCRIPTION_ID",
    "tenantId": "ARM_TENANT_ID",
    "clientId": "ARM_CLIENT_ID",
}


def method(options: Options) -> Method:
    """The method that azure-native takes."""
    return next(one for one in METHODS if one.chosen(options))


def missing(options: Options) -> list[str]:
    """The variables that the method needs and that are set neither so nor by their setting."""
    return [
        _VARIABLES[setting]
        for setting in method(options).needs
        if not options.value(setting, _VARIABLES[setting])
    ]
