"""Values that the operator of a stack sets, and that the committed stack files leave out.

They are secrets and personal keys. A command that only reads a stack puts a fixed placeholder in
their place; a run on the simulated cloud makes up values (`cli/simulated/placeholder_values.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cli.self_signed import hosts_of, placeholder_certificate
from support.nested import at, is_mapping, items

Config = Mapping[str, Any]
"""The `config` object of a stack file."""


@dataclass(frozen=True)
class OperatorValue:
    """A setting whose value the operator sets."""

    path: str
    """`<namespace>:<key>.<property>…`, as `pulumi config set --path` takes it."""
    is_needed: Callable[[Config], bool]
    placeholder: Callable[[Config], str]
    """Makes a value that the program accepts, for looking at a stack without its secrets."""
    secret: bool = True

    @property
    def steps(self) -> list[str]:
        """The keys from the `config` object down to the value."""
        return self.path.split(".")


def _needs_gateway_certificate(config: Config) -> bool:
    ingress = at(config, "aks-network:ingress")
    waf = at(ingress, "waf")
    return (
        is_mapping(waf)
        and "external" not in waf
        and at(ingress, "controller") != "application-gateway-for-containers"
        and at(waf, "certificate", "secretId") is None
    )


def _has_windows_pool(config: Config) -> bool:
    return any(at(pool, "os") == "Windows" for pool in items(config, _CLUSTER, "nodePools"))


def _has_service_principal(config: Config) -> bool:
    return at(config, _CLUSTER, "identity", "kind") == "servicePrincipal"


def _has_jump_box(config: Config) -> bool:
    management = at(config, _MANAGEMENT)
    return management is not None and at(management, "existing") is None


def _has_vpn_gateway(config: Config) -> bool:
    return at(config, _MANAGEMENT, "gateway", "kind") == "vpn"


_CLUSTER, _MANAGEMENT = "aks-network:cluster", "aks-network:management"

CERTIFICATE = OperatorValue(
    "aks-network:ingress.waf.certificate.pfx",
    _needs_gateway_certificate,
    lambda config: placeholder_certificate(hosts_of(config)),
)
WINDOWS_PASSWORD = OperatorValue(
    "aks-network:cluster.windows.adminPassword", _has_windows_pool, lambda _: "Placeholder-1"
)
SSH_PUBLIC_KEY = OperatorValue(
    "aks-network:management.jumpBox.sshPublicKey",
    _has_jump_box,
    lambda _: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAA placeholder",
    secret=False,
)
CLIENT_SECRET = OperatorValue(
    "aks-network:cluster.identity.servicePrincipal.clientSecret",
    _has_service_principal,
    lambda _: "placeholder",
)
SHARED_KEY = OperatorValue(
    "aks-network:management.gateway.sharedKey", _has_vpn_gateway, lambda _: "placeholder"
)

OPERATOR_VALUES = (CERTIFICATE, WINDOWS_PASSWORD, SSH_PUBLIC_KEY, CLIENT_SECRET, SHARED_KEY)
