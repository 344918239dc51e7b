"""Rules about secrets and stored data, virtual machines and web application firewalls."""

from __future__ import annotations

from analysis.audit.violations import Violations
from analysis.stack_state import State
from support.nested import at
from support.secrets import is_secret, visible_texts

_STRICT_TLS = frozenset(
    {"AppGwSslPolicy20220101", "AppGwSslPolicy20220101S", "AppGwSslPolicy20170401S"}
)
"""Predefined policies of Application Gateway without TLS 1.0 and 1.1 ("SSL policy overview")."""

_SECRET_PROPERTIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("keyvault:Secret", ("properties", "value")),
    ("network:VirtualNetworkGatewayConnection", ("sharedKey",)),
    ("network:VirtualNetworkGatewayConnection", ("authorizationKey",)),
)
_MARKERS = ("PRIVATE KEY-----", "client-key-data", "client-certificate-data", "AccountKey=", "sig=")
"""Texts that occur in private keys, kubeconfigs, storage keys and SAS URLs."""


def vaults(state: State) -> Violations:
    """Key vaults are private, use Azure RBAC, and protect deleted secrets."""
    for vault in state.of_type("keyvault:Vault"):
        for name in ("enableRbacAuthorization", "enablePurgeProtection", "enableSoftDelete"):
            if vault.at("properties", name) is not True:
                yield vault, f"{name} is not true"
        if str(vault.at("properties", "publicNetworkAccess")).lower() != "disabled":
            yield vault, "publicNetworkAccess is not disabled"
        if vault.at("properties", "networkAcls", "defaultAction") != "Deny":
            yield vault, "networkAcls do not deny by default"


def registries(state: State) -> Violations:
    """Container registries are private, and accept Entra ID only."""
    for registry in state.of_type("containerregistry:Registry"):
        if str(registry.at("publicNetworkAccess")).lower() != "disabled":
            yield registry, "publicNetworkAccess is not disabled"
        for name in ("adminUserEnabled", "anonymousPullEnabled"):
            if registry.at(name) is not False:
                yield registry, f"{name} is not false"


def storage(state: State) -> Violations:
    """Storage accounts require TLS 1.2 and Entra ID, and deny anonymous access."""
    for account in state.of_type("storage:StorageAccount"):
        for name, wanted in (
            ("minimumTlsVersion", "TLS1_2"),
            ("enableHttpsTrafficOnly", True),
            ("allowBlobPublicAccess", False),
            ("allowSharedKeyAccess", False),
        ):
            if account.at(name) != wanted:
                yield account, f"{name} is {account.at(name)}"
        if account.at("networkRuleSet", "defaultAction") != "Deny":
            yield account, "networkRuleSet does not deny by default"


def machines(state: State) -> Violations:
    """Linux virtual machines accept SSH keys only and use secure boot."""
    for machine in state.of_type("compute:VirtualMachine"):
        linux = machine.at("osProfile", "linuxConfiguration")
        if linux is not None and at(linux, "disablePasswordAuthentication") is not True:
            yield machine, "disablePasswordAuthentication is not true"
        if machine.at("securityProfile", "uefiSettings", "secureBootEnabled") is not True:
            yield machine, "secure boot is off"


def firewall_policies(state: State) -> Violations:
    """WAF policies are on, prevent attacks, inspect request bodies, and have managed rules."""
    for policy in state.of_type("network:WebApplicationFirewallPolicy"):
        settings = policy.mapping("policySettings")
        if settings.get("state") != "Enabled":
            yield policy, "state is not Enabled"
        if settings.get("mode") != "Prevention":
            yield policy, f"mode is {settings.get('mode')}: attacks are logged but not blocked"
        if settings.get("requestBodyCheck") is not True:
            yield policy, "requestBodyCheck is not true"
        if not policy.at("managedRules", "managedRuleSets"):
            yield policy, "no managed rule set"


def gateways(state: State) -> Violations:
    """Each Application Gateway has a WAF policy."""
    for gateway in state.of_type("network:ApplicationGateway"):
        if gateway.at("sku", "tier") != "WAF_v2" or not gateway.at("firewallPolicy", "id"):
            yield gateway, "no web application firewall policy"


def gateway_tls(state: State) -> Violations:
    """Application Gateways require TLS 1.2, and use plain HTTP only to redirect it."""
    for gateway in state.of_type("network:ApplicationGateway"):
        policy = gateway.mapping("sslPolicy")
        custom = policy.get("policyType") in {"Custom", "CustomV2"}
        strict = policy.get("policyName") in _STRICT_TLS or (
            custom and policy.get("minProtocolVersion") in {"TLSv1_2", "TLSv1_3"}
        )
        if not strict:
            yield gateway, f"the TLS policy is {policy.get('policyName') or 'the default'}"
        plain = {
            str(listener.get("name"))
            for listener in gateway.items("httpListeners")
            if listener.get("protocol") == "Http"
        }
        for rule in gateway.items("requestRoutingRules"):
            listener = str(at(rule, "httpListener", "id") or "").rsplit("/", 1)[-1]
            if listener in plain and not rule.get("redirectConfiguration"):
                yield gateway, f"rule {rule.get('name')} forwards plain HTTP"


def secrets(state: State) -> Violations:
    """Secret properties are encrypted in the state."""
    for token, path in _SECRET_PROPERTIES:
        for item in state.of_type(token):
            above = [item.at(*path[:depth]) for depth in range(1, len(path) + 1)]
            if above[-1] and not any(is_secret(value) for value in above):
                yield item, f"{'.'.join(path)} is in plain text in the state"


def plain_texts(state: State) -> Violations:
    """No property and no stack output contains a key, a kubeconfig or a SAS URL in plain text."""
    for item in (*state.resources, *([state.stack] if state.stack else [])):
        for text in visible_texts(item.properties):
            if marker := next((marker for marker in _MARKERS if marker in text), None):
                yield item, f"contains {marker} in plain text"
