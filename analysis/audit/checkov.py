"""The checks of checkov (3.3.30, framework arm) that fail here, and why each is accepted.

Every check that fails on a stack or example is in this table; `make checkov` fails at any other.
"""

from __future__ import annotations

from collections.abc import Mapping

EXPLAINED: Mapping[str, str] = {
    "CKV_AZURE_4": (
        "asks for the monitoring add-on. Logs are sent by diagnostic settings "
        "(observability.diagnostics.cluster), which are on in production; the add-on collects "
        "container output, which is left to you"
    ),
    "CKV_AZURE_6": (
        "asks for authorized ranges on every cluster, but Azure refuses them on a private one. "
        "AKS-1 asks for one of the two"
    ),
    "CKV_AZURE_8": (
        "asks for the kubeDashboard add-on to be configured as off; AKS has not had it since "
        "Kubernetes 1.19"
    ),
    "CKV_AZURE_12": (
        "an example keeps its flow logs for 30 days to show the setting; the default, also in "
        "production, is 90"
    ),
    "CKV_AZURE_41": (
        "the secrets are the gateway's certificate, which has its own expiry date; gateway and "
        "add-on read it by name and pick up a new version"
    ),
    "CKV_AZURE_50": (
        "the only extension is sign-in with Entra ID on the jump box, which replaces shared keys"
    ),
    "CKV_AZURE_59": (
        "checks publicNetworkAccess. Network Watcher writes flow logs as a trusted service "
        "over the public endpoint; the network rules deny everyone else there, and shared keys "
        "and anonymous access are off"
    ),
    "CKV_AZURE_97": (
        "encryption at host on node pools needs a feature that the subscription's owner must "
        "register first; disks are encrypted at rest without it"
    ),
    "CKV_AZURE_114": (
        "the content type (application/x-pkcs12 or application/x-pem-file) is set, but it is next "
        "to the value and so is encrypted with it in the state"
    ),
    "CKV_AZURE_135": (
        "looks for the Log4Shell rule in OWASP rule sets only; Microsoft's Default Rule Set 2.1 "
        "and 2.2 contain it (944240)"
    ),
    "CKV_AZURE_151": (
        "mistakes the Linux jump box for a Windows machine; encryption at host is "
        "management.jumpBox.encryptionAtHost, off by default for the reason given at CKV_AZURE_97"
    ),
    "CKV_AZURE_168": "two examples use 30 pods per node to show how addresses are counted",
    "CKV_AZURE_171": (
        "the version is set in the stack file and raised by a reviewed change; "
        "cluster.upgradeChannel leaves it to Azure. Node images are updated automatically (AKS-7)"
    ),
    "CKV_AZURE_172": (
        "expects the boolean true; Azure's API takes the add-on's settings as strings, and "
        "rotation is on (AKS-9)"
    ),
    "CKV_AZURE_206": (
        "flow logs are kept for lookups only; locally redundant storage keeps three copies"
    ),
    "CKV_AZURE_216": (
        "checks the firewall itself, but with a firewall policy the mode is set in the policy; "
        "there it is Deny (NET-8), except in the Basic tier, which can only alert"
    ),
    "CKV_AZURE_218": (
        "accepts AppGwSslPolicy20220101S only; one example shows AppGwSslPolicy20220101, which "
        "also refuses TLS versions below 1.2 (WAF-3)"
    ),
    "CKV_AZURE_226": (
        "by default AKS uses an ephemeral disk where the machine size has room for one"
    ),
    "CKV_AZURE_227": "the same as CKV_AZURE_97",
}
