"""Rules of what holds secrets and data, of machines, of the web application firewall."""

from __future__ import annotations

from analysis.audit.model import Stack, is_secret, look, texts
from analysis.audit.network import Complaints

_STRICT_TLS = frozenset(
    {"AppGwSslPolicy20220101", "AppGwSslPolicy20220101S", "AppGwSslPolicy20170401S"}
)
"""Application Gateway's predefined policies without TLS 1.0 and 1.1 ("SSL policy overview")."""

_SECRET_PROPERTIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("keyvault:Secret", ("properties", "value")),
    ("network:VirtualNetworkGatewayConnection", ("sharedKey",)),
    ("network:VirtualNetworkGatewayConnection", ("authorizationKey",)),
)
_MARKS = ("PRIVATE KEY-----", "client-key-data", "client-certificate-data", "AccountKey=", "sig=")
"""What stands in private keys, kubeconfigs, storage keys and SAS URLs."""


def vaults(stack: Stack) -> Complaints:
    """Vaults are closed, governed by Azure RBAC, and keep what is deleted."""
    for vault in stack.of_type("keyvault:Vault"):
        for name, wanted in (
            ("enableRbacAuthorization", True),
            ("enablePurgeProtection", True),
            ("enableSoftDelete", True),
        ):
            if vault.at("properties", name) is not wanted:
                yield vault, f"{name} is not true"
        if str(vault.at("properties", "publicNetworkAccess")).lower() != "disabled":
            yield vault, "publicNetworkAccess is not disabled"
        if vault.at("properties", "networkAcls", "defaultAction") != "Deny":
            yield vault, "networkAcls do not deny by default"


def storage(stack: Stack) -> Complaints:
    """Storage takes TLS 1.2 and Entra ID only, and no anonymous reader."""
    for account in stack.of_type("storage:StorageAccount"):
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


def machines(stack: Stack) -> Complaints:
    """Linux machines take keys only; the boot chain is measured."""
    for machine in stack.of_type("compute:VirtualMachine"):
        linux = machine.at("osProfile", "linuxConfiguration")
        if linux is not None and look(linux, "disablePasswordAuthentication") is not True:
            yield machine, "disablePasswordAuthentication is not true"
        if machine.at("securityProfile", "uefiSettings", "secureBootEnabled") is not True:
            yield machine, "secure boot is off"


def firewall_policies(stack: Stack) -> Complaints:
    """Web application firewalls are on, block, look into bodies, and have managed rules."""
    for policy in stack.of_type("network:WebApplicationFirewallPolicy"):
        settings = policy.part("policySettings")
        if settings.get("state") != "Enabled":
            yield policy, "state is not Enabled"
        if settings.get("mode") != "Prevention":
            yield policy, f"mode is {settings.get('mode')}: attacks are logged and let through"
        if settings.get("requestBodyCheck") is not True:
            yield policy, "requestBodyCheck is not true"
        if not policy.at("managedRules", "managedRuleSets"):
            yield policy, "no managed rule set"


def gateways(stack: Stack) -> Complaints:
    """Each Application Gateway is guarded by a web application firewall policy."""
    for gateway in stack.of_type("network:ApplicationGateway"):
        if gateway.at("sku", "tier") != "WAF_v2" or not gateway.at("firewallPolicy", "id"):
            yield gateway, "no web application firewall policy"


def gateway_tls(stack: Stack) -> Complaints:
    """Gateways take TLS 1.2 and newer, and plain HTTP only to redirect it."""
    for gateway in stack.of_type("network:ApplicationGateway"):
        policy = gateway.part("sslPolicy")
        custom = policy.get("policyType") in {"Custom", "CustomV2"}
        strict = policy.get("policyName") in _STRICT_TLS or (
            custom and policy.get("minProtocolVersion") in {"TLSv1_2", "TLSv1_3"}
        )
        if not strict:
            yield gateway, f"TLS policy {policy.get('policyName') or 'by default'}"
        plain = {
            str(listener.get("name"))
            for listener in gateway.rows("httpListeners")
            if listener.get("protocol") == "Http"
        }
        for rule in gateway.rows("requestRoutingRules"):
            listener = str(look(rule, "httpListener", "id") or "").rsplit("/", 1)[-1]
            if listener in plain and not rule.get("redirectConfiguration"):
                yield gateway, f"rule {rule.get('name')} forwards plain HTTP"


def secrets(stack: Stack) -> Complaints:
    """Secrets are encrypted in the state."""
    for token, path in _SECRET_PROPERTIES:
        for item in stack.of_type(token):
            above = [item.at(*path[:depth]) for depth in range(1, len(path) + 1)]
            if above[-1] and not any(is_secret(value) for value in above):
                yield item, f"{'.'.join(path)} stands in plain text in the state"


def plain_texts(stack: Stack) -> Complaints:
    """No property and no output holds a key, a kubeconfig or a SAS URL in plain text."""
    for item in stack.resources:
        for text in texts(item.properties):
            if mark := next((mark for mark in _MARKS if mark in text), None):
                yield item, f"holds something with {mark} in plain text"
