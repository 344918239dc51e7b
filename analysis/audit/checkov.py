"""What checkov (3.3.30, framework arm) finds fault with, and why it stays as it is.

Every check that fails on a stack or example is in this table; `make checkov` fails at any other.
"""

from __future__ import annotations

from collections.abc import Mapping

EXPLAINED: Mapping[str, str] = {
    "CKV_AZURE_4": (
        "asks for the monitoring add-on. Logs go by diagnostic settings "
        "(observability.diagnostics.cluster), on in production; the add-on collects container "
        "output, which is its user's choice"
    ),
    "CKV_AZURE_6": (
        "asks for authorized ranges on every cluster, private ones included, which Azure "
        "refuses. AKS-1 asks for one of the two; who is excepted is in the table above"
    ),
    "CKV_AZURE_8": (
        "asks for the kubeDashboard add-on to be configured as off; AKS removed it from "
        "Kubernetes 1.19 on"
    ),
    "CKV_AZURE_12": (
        "an example keeps its flow logs for 30 days to show the setting; 90 is the default, and"
        " production's"
    ),
    "CKV_AZURE_41": (
        "the secret is the gateway's certificate, which carries its own expiry; the gateway "
        "reads it by name and follows a new one"
    ),
    "CKV_AZURE_50": (
        "the one extension is sign-in by Entra ID on the jump box, in place of keys handed round"
    ),
    "CKV_AZURE_59": (
        "looks at publicNetworkAccess. Network Watcher writes flow logs as a trusted service "
        "over the public endpoint, where the network rules deny everybody else; shared keys and"
        " anonymous access are off"
    ),
    "CKV_AZURE_97": (
        "encryption at host of node pools needs a feature that the subscription's owner "
        "registers first; disks are encrypted at rest without it"
    ),
    "CKV_AZURE_114": (
        "the content type is set (application/x-pkcs12), beside the value, and so encrypted in "
        "the state with it"
    ),
    "CKV_AZURE_135": (
        "knows the rule against Log4Shell in OWASP rule sets only; Microsoft's Default Rule Set"
        " 2.1 and 2.2 hold it (944240)"
    ),
    "CKV_AZURE_151": (
        "takes the Linux jump box for a Windows machine; encryption at host is "
        "management.jumpBox.encryptionAtHost, off by default for the reason of CKV_AZURE_97"
    ),
    "CKV_AZURE_168": "two examples use 30 pods a node to show how addresses are counted",
    "CKV_AZURE_171": (
        "the version is declared and raised by a reviewed change; cluster.upgradeChannel leaves"
        " it to Azure. Node images are renewed by themselves (AKS-7)"
    ),
    "CKV_AZURE_172": (
        "wants the boolean true; the add-on's settings are texts by Azure's API, and rotation "
        "is on (AKS-9)"
    ),
    "CKV_AZURE_206": (
        "flow logs are copies for looking things up; locally redundant storage keeps them in "
        "three places"
    ),
    "CKV_AZURE_216": (
        "looks at the firewall; with a firewall policy the mode is the policy's, and there it "
        "is Deny (NET-8), except in the Basic tier, which can only alert"
    ),
    "CKV_AZURE_218": (
        "accepts AppGwSslPolicy20220101S only; one example shows AppGwSslPolicy20220101, which "
        "refuses TLS below 1.2 as well (WAF-3)"
    ),
    "CKV_AZURE_226": (
        "AKS takes an ephemeral disk by itself where the machine size has room for it, unless "
        "told otherwise"
    ),
    "CKV_AZURE_227": "the same as CKV_AZURE_97",
}
