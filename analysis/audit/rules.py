"""The table of rules: requirement, severity, source and remedy of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from analysis.audit import cluster, data, network, roles
from analysis.audit.violations import Check

Severity = Literal["critical", "high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")
"""Most severe first."""


@dataclass(frozen=True)
class Rule:
    """A rule. `check` yields each resource that violates it, with a detail."""

    id: str
    severity: Severity
    title: str
    source: str
    remedy: str
    check: Check
    state_only: bool = False
    """The rule is about how the state stores values, so it applies to a state and nothing else."""


RULES: tuple[Rule, ...] = (
    Rule(
        "NET-1",
        "critical",
        "Only gateways, firewalls, Bastion and NAT gateways have public addresses",
        "Microsoft cloud security benchmark, NS-2",
        "delete the address, or put the service behind the gateway",
        network.public_addresses,
    ),
    Rule(
        "NET-2",
        "critical",
        "No virtual machine has a public address",
        "Microsoft cloud security benchmark, NS-2",
        "connect through Bastion",
        network.network_interfaces,
    ),
    Rule(
        "NET-3",
        "critical",
        "No management port is open to the Internet",
        "CIS Microsoft Azure Foundations 2.1, 6.1 and 6.2",
        "allow Bastion's subnet as the source instead",
        network.management_ports,
    ),
    Rule(
        "NET-4",
        "high",
        "Every subnet has a network security group",
        "Microsoft cloud security benchmark, NS-1",
        "associate a network security group",
        network.subnet_security_groups,
    ),
    Rule(
        "NET-5",
        "medium",
        "Network security groups explicitly deny all other inbound traffic",
        "Microsoft cloud security benchmark, NS-1",
        "end the group with a rule that denies all inbound traffic: Azure's default "
        "rules allow every peered network",
        network.inbound_default_deny,
    ),
    Rule(
        "NET-6",
        "medium",
        "No subnet has default outbound access",
        'Azure virtual network, "Default outbound access"',
        "set defaultOutboundAccess: false and configure explicit egress",
        network.default_outbound_access,
    ),
    Rule(
        "NET-7",
        "medium",
        "Bastion has shareable links turned off",
        'Azure Bastion, "Create a shareable link"',
        "set management.bastion.shareableLink: false",
        network.bastion,
    ),
    Rule(
        "NET-8",
        "medium",
        "Azure Firewall denies traffic that threat intelligence flags",
        'Azure Firewall, "Threat intelligence-based filtering"',
        "set threatIntelMode: Deny",
        network.firewalls,
    ),
    Rule(
        "NET-9",
        "medium",
        "VPN connections use IKEv2",
        'VPN Gateway, "About cryptographic requirements"',
        "set connectionProtocol: IKEv2",
        network.vpn_connections,
    ),
    Rule(
        "AKS-1",
        "high",
        "The API server is private, or open to named address ranges only",
        "CIS AKS benchmark 1.6, 5.4.1 and 5.4.2",
        "set cluster.private: true or cluster.authorizedIpRanges",
        cluster.api_server,
    ),
    Rule(
        "AKS-2",
        "high",
        "Users sign in to the cluster with Entra ID only",
        "CIS AKS benchmark 1.6, 5.5.1; Microsoft cloud security benchmark, IM-1",
        "turn off local accounts, and turn on Entra ID with Azure RBAC",
        cluster.local_accounts,
    ),
    Rule(
        "AKS-3",
        "high",
        "Network policies are enforced",
        "CIS AKS benchmark 1.6, 5.4.4",
        "set network.policy",
        cluster.network_policy,
    ),
    Rule(
        "AKS-4",
        "high",
        "No node has a public address",
        "CIS AKS benchmark 1.6, 5.4.3",
        "set enableNodePublicIP: false",
        cluster.node_addresses,
    ),
    Rule(
        "AKS-5",
        "medium",
        "The cluster uses a managed identity",
        'AKS, "Use a managed identity"; Microsoft cloud security benchmark, IM-3',
        "set cluster.identity.kind: userAssigned",
        cluster.identity,
    ),
    Rule(
        "AKS-6",
        "low",
        "Pods can use workload identity",
        'AKS, "Use Microsoft Entra Workload ID"',
        "turn on the OIDC issuer and workload identity",
        cluster.workload_identity,
    ),
    Rule(
        "AKS-7",
        "medium",
        "Nodes get security updates automatically",
        'AKS, "Auto-upgrade node OS images"',
        "set cluster.nodeOsUpgradeChannel: NodeImage or SecurityPatch",
        cluster.node_images,
    ),
    Rule(
        "AKS-8",
        "medium",
        "Private clusters have run command turned off",
        'AKS, "Use command invoke to access a private cluster"',
        "set disableRunCommand: true",
        cluster.run_command,
    ),
    Rule(
        "AKS-9",
        "low",
        "Mounted secrets are updated when the vault changes",
        'AKS, "Secrets Store CSI driver configuration options"',
        "set enableSecretRotation: true",
        cluster.secret_rotation,
    ),
    Rule(
        "K8S-1",
        "high",
        "Every namespace denies inbound traffic by default",
        'Kubernetes, "Network Policies", default deny',
        "add a NetworkPolicy that selects all pods and allows no ingress",
        cluster.default_deny,
    ),
    Rule(
        "K8S-2",
        "medium",
        "Every namespace enforces a pod security level",
        'Kubernetes, "Pod Security Admission"',
        "set podSecurity: baseline or restricted",
        cluster.pod_security,
    ),
    Rule(
        "K8S-3",
        "high",
        "Public load balancers accept requests from named ranges only",
        "Microsoft cloud security benchmark, NS-2",
        "set ingress.exposure: internal, or ingress.waf.external.sourceRanges",
        cluster.public_load_balancers,
    ),
    Rule(
        "K8S-4",
        "high",
        "No public zone has the address of a controller behind a third party's firewall",
        'AKS, "Set up a custom domain name with the application routing add-on"',
        "remove the zone from the add-on, and point the host's record to the firewall",
        cluster.published_origins,
    ),
    Rule(
        "WAF-1",
        "high",
        "Web application firewalls block what they detect",
        "Microsoft cloud security benchmark, NS-6",
        "set ingress.waf.mode: Prevention",
        data.firewall_policies,
    ),
    Rule(
        "WAF-2",
        "high",
        "Every Application Gateway has a web application firewall",
        "Microsoft cloud security benchmark, NS-6",
        "use the WAF_v2 SKU with a policy",
        data.gateways,
    ),
    Rule(
        "WAF-3",
        "high",
        "Gateways require TLS 1.2 or later, and redirect plain HTTP",
        "Microsoft cloud security benchmark, DP-3",
        "set the TLS policy AppGwSslPolicy20220101S, and redirect the HTTP listener",
        data.gateway_tls,
    ),
    Rule(
        "DATA-1",
        "high",
        "Key vaults use Azure RBAC, allow no public access, and can recover what was deleted",
        "Microsoft cloud security benchmark, DP-8",
        "turn on Azure RBAC, soft delete and purge protection, and turn off public network access",
        data.vaults,
    ),
    Rule(
        "DATA-2",
        "high",
        "Storage accounts require TLS 1.2 and sign-in with Entra ID",
        "Microsoft cloud security benchmark, DP-3 and IM-1",
        "require TLS 1.2, turn off shared keys and anonymous access, and deny networks by default",
        data.storage,
    ),
    Rule(
        "DATA-3",
        "high",
        "Linux machines accept SSH keys only, and use secure boot",
        'Azure virtual machines, "Trusted launch"; CIS Microsoft Azure Foundations 2.1, 7.8',
        "set disablePasswordAuthentication and secureBootEnabled",
        data.machines,
    ),
    Rule(
        "DATA-4",
        "high",
        "Container registries allow no public access, and no sign-in without Entra ID",
        "Microsoft cloud security benchmark, NS-2 and IM-1",
        "turn off public network access, the admin user and anonymous pull",
        data.registries,
    ),
    Rule(
        "SEC-1",
        "critical",
        "Secrets are encrypted in the state",
        'Pulumi, "Secrets handling"',
        "set the value with pulumi config set --secret, and replace the secret: it was exposed",
        data.secrets,
        state_only=True,
    ),
    Rule(
        "SEC-2",
        "critical",
        "The cluster's passwords are encrypted in the state",
        'Pulumi, "Secrets handling"',
        "set the value with pulumi config set --secret, and replace the secret: it was exposed",
        cluster.passwords,
        state_only=True,
    ),
    Rule(
        "SEC-3",
        "critical",
        "No key, kubeconfig or SAS URL is in plain text in the state or its outputs",
        'Pulumi, "Secrets handling"',
        "make the value an Output.secret, or do not export it",
        data.plain_texts,
        state_only=True,
    ),
    Rule(
        "ROLE-1",
        "critical",
        "No role assignment grants Owner, Contributor, or the right to assign roles",
        "Microsoft cloud security benchmark, PA-7",
        "assign the narrowest role that is documented for the task",
        roles.privileged_roles,
    ),
    Rule(
        "ROLE-2",
        "high",
        "Network Contributor is granted on subnets, or on a resource group of public addresses",
        'AKS, "Best practices for network connectivity and security", subnet role; "Use a static '
        'public IP address and DNS label with the AKS load balancer"',
        "assign it on the subnet",
        roles.network_contributors,
    ),
    Rule(
        "ROLE-3",
        "high",
        "No role is granted on a whole subscription",
        "Microsoft cloud security benchmark, PA-7",
        "assign it on the resource",
        roles.subscription_scopes,
    ),
    Rule(
        "ROLE-4",
        "high",
        "Custom roles contain no wildcards and no right to grant access",
        "CIS Microsoft Azure Foundations 2.1, 1.23",
        "list the actions",
        roles.custom_roles,
    ),
)
