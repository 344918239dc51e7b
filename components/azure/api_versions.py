"""Which resource types go to Azure at another API version than azure-native's own, and why.

azure-native types each namespace at one API version. Its provider serves the others as packages of
their own, which a parameter of a module and a version selects (pulumi-azure-native,
provider/pkg/provider/provider_parameterize.go). A type of such a package has another type token
and another provider, and is otherwise the same type.

To send a type at a newer version, replace its date, and add the old date to `former`: existing
resources then move over without a replacement. When the SDK itself has the version, set `date` to
`SDK`: the types move back.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, TypeVar

import pulumi
from pulumi.runtime.config import is_config_secret

_BASE = "azure-native"
SDK = "SDK"


@dataclass(frozen=True)
class Version:
    """One module of Azure at one API version, as a package."""

    module: str
    """Module of the SDK, such as `containerservice`."""
    date: str
    """API version in the form `v20260301`; `SDK` for azure-native's own."""
    former: tuple[str, ...] = ()
    """Dates at which earlier versions of this program sent the types of the module."""

    @property
    def package(self) -> str:
        """The package's name, which azure-native derives from module and version."""
        return _BASE if self.date == SDK else f"{_BASE}_{self.module}_{self.date}"

    @property
    def parameter(self) -> str:
        """What selects the package, in base64.

        azure-native itself writes base64 of JSON (`serializeParameterizeArgs`), which Pulumi's
        generated code for a package encodes once more.
        """
        arguments = json.dumps(
            {"module": self.module, "version": self.date}, separators=(",", ":")
        ).encode()
        return base64.b64encode(base64.b64encode(arguments)).decode()

    @property
    def reference(self) -> Awaitable[str] | None:
        """The engine's reference to the package; the SDK registers it once in a run."""
        if self.date == SDK:
            return None
        provider_version = version(f"pulumi-{_BASE}")
        return pulumi.runtime.register_package(
            _BASE, provider_version, "", self.package, provider_version, self.parameter
        )

    def aliases(self, token: str) -> list[pulumi.Alias]:
        """The types that a state may have: the SDK's, and those of former packages."""
        packages = [Version(self.module, date).package for date in (SDK, *self.former)]
        return [
            pulumi.Alias(type_=f"{package}:{token}")
            for package in packages
            if package != self.package
        ]


MANAGED_CLUSTERS = Version("containerservice", "v20260301")
STANDARD_V2 = Version("network", "v20250301")

TYPES: Mapping[str, Version] = {
    # azure-native 3.29 has 2025-09-01. From 2026-02-01 a cluster has `ingressProfile.gatewayAPI`
    # and application routing's implementation of the Gateway API, and pools have Windows Server
    # 2025 (Azure/bicep-types-az, generated/containerservice). Not later than 2026-03-01: from
    # 2026-04-01 a pool's `nodeImageVersion` is writable. azure-native copies a changed output that
    # is writable into the inputs on refresh (provider/pkg/provider/diff.go), so that each new node
    # image would show as a change, and the next run would send the old image back.
    "containerservice:ManagedCluster": MANAGED_CLUSTERS,
    "containerservice:AgentPool": MANAGED_CLUSTERS,
    # Only where the SKU is StandardV2, so that no other stack starts a provider for them.
    # azure-native 3.29 has 2024-05-01; the SKU came with 2025-01-01 (Azure/bicep-types-az). The
    # types are the same at 2025-03-01, for which Microsoft publishes models that the tests compare
    # with (azure-mgmt-network 30.1.0). Since 2024-05-01 no property is gone, and none became
    # writable that Azure sets: IPv6 addresses and prefixes and a source network are new. Not later:
    # 2025-05-01 adds a service gateway and 2025-07-01 NAT64, which Azure might set by itself.
    "network:NatGateway": STANDARD_V2,
    "network:PublicIPAddress": STANDARD_V2,
}
"""Type to its version. All other types are sent at azure-native's own version.

Never add types of `keyvault`, `storage` or `authorization`: azure-native's own implementations of
some of them are off in a package (pulumi-azure-native issues 4030, 4771).
"""

SETTINGS = (
    "auxiliaryTenantIds",
    "clientCertificatePassword",
    "clientCertificatePath",
    "clientId",
    "clientSecret",
    "disableInstanceDiscovery",
    "disablePulumiPartnerId",
    "environment",
    "location",
    "metadataHost",
    "msiEndpoint",
    "oidcRequestToken",
    "oidcRequestUrl",
    "oidcToken",
    "oidcTokenFilePath",
    "partnerId",
    "subscriptionId",
    "tenantId",
    "useDefaultAzureCredential",
    "useMsi",
    "useOidc",
)
"""azure-native's settings: the inputs of the SDK's class `Provider`."""

_SECRETS = frozenset(
    {"clientCertificatePassword", "clientId", "clientSecret", "oidcRequestToken", "oidcToken"}
)
"""Settings that are secret even where the stack file has them in plain text."""


class VersionProvider(pulumi.ProviderResource):
    """The provider of a version's package, with the stack's settings of azure-native.

    The engine gives a package's default provider only the settings under the package's own name.
    It would use another subscription and another sign-in than the rest of the stack.
    """

    def __init__(
        self, name: str, version: Version, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(
            version.package, name, _stack_settings(), opts, package_ref=version.reference
        )


def _stack_settings() -> dict[str, pulumi.Input[str]]:
    """The stack's `azure-native:…` settings as they are, secret ones secret."""
    config = pulumi.Config(_BASE)
    found: dict[str, pulumi.Input[str]] = {}
    for key in SETTINGS:
        value = config.get(key)
        if value is not None:
            secret = key in _SECRETS or is_config_secret(f"{_BASE}:{key}")
            found[key] = pulumi.Output.secret(value) if secret else value
    return found


Resource = TypeVar("Resource", bound=pulumi.CustomResource)


def at_version(cls: type[Resource]) -> type[Resource]:
    """The SDK's class of one of `TYPES`, sending the type at its version.

    Inputs and outputs are the SDK's. What the version adds are arguments of our own, in subclasses
    of the SDK's. A resource of the class needs the option `provider`, a `VersionProvider`.
    """
    bases: Any = (cls, _AtVersion)
    return _classes.setdefault(cls, type(cls.__name__, bases, {}))


_classes: dict[type, type[Any]] = {}


class _AtVersion(pulumi.CustomResource):
    """Comes next after the SDK's class, and replaces the package in what that class registers."""

    def __init__(
        self, t: str, name: str, props: Any = None, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        token = t.removeprefix(f"{_BASE}:")
        version = TYPES[token]
        aliases = pulumi.ResourceOptions(aliases=[*version.aliases(token)])
        super().__init__(
            f"{version.package}:{token}",
            name,
            props,
            pulumi.ResourceOptions.merge(opts, aliases),
            package_ref=version.reference,
        )
