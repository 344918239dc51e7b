"""Rules of the cluster and of what runs in it."""

from __future__ import annotations

from analysis.audit.model import Resource, Stack, is_secret, look
from analysis.audit.network import Complaints

CLUSTER = "containerservice:ManagedCluster"


def api_server(stack: Stack) -> Complaints:
    """The API server is private, or open to named ranges only."""
    for cluster in stack.of_type(CLUSTER):
        access = cluster.part("apiServerAccessProfile")
        ranges: list[str] = access.get("authorizedIPRanges") or []
        if access.get("enablePrivateCluster"):
            continue
        if not ranges or "0.0.0.0/0" in ranges:
            yield cluster, "the API server is public and open to every address"


def local_accounts(stack: Stack) -> Complaints:
    """People sign in by Entra ID, and Azure decides what they may do."""
    for cluster in stack.of_type(CLUSTER):
        if cluster.at("disableLocalAccounts") is not True:
            yield cluster, "disableLocalAccounts is not true"
        if not (
            cluster.at("aadProfile", "managed") and cluster.at("aadProfile", "enableAzureRBAC")
        ):
            yield cluster, "sign-in by Entra ID with Azure RBAC is off"
        if cluster.at("enableRBAC") is False:
            yield cluster, "enableRBAC is false"


def network_policy(stack: Stack) -> Complaints:
    """An engine enforces network policies."""
    for cluster in stack.of_type(CLUSTER):
        if cluster.at("networkProfile", "networkPolicy") in {None, "none"}:
            yield cluster, "networkPolicy is none"


def node_addresses(stack: Stack) -> Complaints:
    """No node has a public address."""
    for cluster in stack.of_type(CLUSTER):
        for pool in cluster.rows("agentPoolProfiles"):
            if pool.get("enableNodePublicIP"):
                yield cluster, f"nodes of {pool.get('name')} have public addresses"
    for pool in stack.of_type("containerservice:AgentPool"):
        if pool.at("enableNodePublicIP"):
            yield pool, "its nodes have public addresses"


def identity(stack: Stack) -> Complaints:
    """The cluster has a managed identity; a service principal has a password, which may leak."""
    for cluster in stack.of_type(CLUSTER):
        if cluster.at("identity", "type") not in {"UserAssigned", "SystemAssigned"}:
            yield cluster, "the cluster signs in as a service principal"


def workload_identity(stack: Stack) -> Complaints:
    """Pods get tokens of their own, so that none needs a stored password."""
    for cluster in stack.of_type(CLUSTER):
        if not (
            cluster.at("oidcIssuerProfile", "enabled")
            and cluster.at("securityProfile", "workloadIdentity", "enabled")
        ):
            yield cluster, "workload identity is off"


def node_images(stack: Stack) -> Complaints:
    """Nodes get security fixes without anybody's doing."""
    for cluster in stack.of_type(CLUSTER):
        channel = cluster.at("autoUpgradeProfile", "nodeOSUpgradeChannel")
        if channel not in {"NodeImage", "SecurityPatch"}:
            yield cluster, f"nodeOSUpgradeChannel is {channel or 'not set'}"


def run_command(stack: Stack) -> Complaints:
    """Nobody gets into a private cluster past its network by `az aks command invoke`."""
    for cluster in stack.of_type(CLUSTER):
        access = cluster.part("apiServerAccessProfile")
        if access.get("enablePrivateCluster") and access.get("disableRunCommand") is not True:
            yield cluster, "disableRunCommand is not true"


def secret_rotation(stack: Stack) -> Complaints:
    """What the secrets provider mounts follows the vault."""
    for cluster in stack.of_type(CLUSTER):
        addon = cluster.part("addonProfiles", "azureKeyvaultSecretsProvider")
        on = str(look(addon, "config", "enableSecretRotation")).lower() == "true"
        if addon.get("enabled") and not on:
            yield cluster, "enableSecretRotation is not true"


def default_deny(stack: Stack) -> Complaints:
    """Each namespace has a policy that lets nothing in that no other lets in."""
    closed = {
        policy.at("metadata", "namespace")
        for policy in stack.kubernetes("NetworkPolicy")
        if not look(policy.properties, "spec", "podSelector", "matchLabels")
        and not policy.rows("spec", "ingress")
        and "Ingress" in (policy.at("spec", "policyTypes") or ())
    }
    for namespace in stack.kubernetes("Namespace"):
        if namespace.at("metadata", "name") not in closed:
            yield namespace, "no NetworkPolicy closes the namespace"


def pod_security(stack: Stack) -> Complaints:
    """Pod Security Admission enforces a level in each namespace."""
    for namespace in stack.kubernetes("Namespace"):
        level = namespace.part("metadata", "labels").get("pod-security.kubernetes.io/enforce")
        if level not in {"baseline", "restricted"}:
            yield namespace, f"enforces {level or 'no pod security level'}"


def load_balancers(stack: Stack) -> Complaints:
    """A Service with a public address takes requests from named ranges, or a firewall's only."""
    for service in stack.kubernetes("Service"):
        if service.at("spec", "type") == "LoadBalancer" and _is_open(service):
            yield service, "a public load balancer takes requests from every address"


def _is_open(service: Resource) -> bool:
    annotations = service.part("metadata", "annotations")
    internal = annotations.get("service.beta.kubernetes.io/azure-load-balancer-internal") == "true"
    return not internal and not service.at("spec", "loadBalancerSourceRanges")


def passwords(stack: Stack) -> Complaints:
    """The service principal's password and Windows' are encrypted in the state."""
    for cluster in stack.of_type(CLUSTER):
        for path in (("windowsProfile", "adminPassword"), ("servicePrincipalProfile", "secret")):
            parent, value = cluster.at(path[0]), cluster.at(*path)
            if value and not is_secret(parent) and not is_secret(value):
                yield cluster, f"{'.'.join(path)} stands in plain text in the state"
