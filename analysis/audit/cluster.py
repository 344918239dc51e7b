"""Rules about the cluster and the Kubernetes objects in it."""

from __future__ import annotations

from analysis.audit.violations import Violations
from analysis.load_balancers import load_balancers
from analysis.stack_state import State
from support.nested import at, values_of
from support.secrets import is_secret

CLUSTER = "containerservice:ManagedCluster"


def api_server(state: State) -> Violations:
    """The API server is private, or accepts only authorized IP ranges."""
    for cluster in state.of_type(CLUSTER):
        access = cluster.mapping("apiServerAccessProfile")
        ranges: list[str] = access.get("authorizedIPRanges") or []
        if access.get("enablePrivateCluster"):
            continue
        if not ranges or "0.0.0.0/0" in ranges:
            yield cluster, "the API server is public and open to every address"


def local_accounts(state: State) -> Violations:
    """Users sign in with Entra ID, and Azure RBAC authorizes them."""
    for cluster in state.of_type(CLUSTER):
        if cluster.at("disableLocalAccounts") is not True:
            yield cluster, "disableLocalAccounts is not true"
        if not (
            cluster.at("aadProfile", "managed") and cluster.at("aadProfile", "enableAzureRBAC")
        ):
            yield cluster, "Entra ID sign-in with Azure RBAC is off"
        if cluster.at("enableRBAC") is False:
            yield cluster, "enableRBAC is false"


def network_policy(state: State) -> Violations:
    """The cluster has a network policy engine."""
    for cluster in state.of_type(CLUSTER):
        if cluster.at("networkProfile", "networkPolicy") in {None, "none"}:
            yield cluster, "networkPolicy is none"


def node_addresses(state: State) -> Violations:
    """No node has a public IP address."""
    for cluster in state.of_type(CLUSTER):
        for pool in cluster.items("agentPoolProfiles"):
            if pool.get("enableNodePublicIP"):
                yield cluster, f"the nodes of pool {pool.get('name')} have public IP addresses"
    for pool in state.of_type("containerservice:AgentPool"):
        if pool.at("enableNodePublicIP"):
            yield pool, "the nodes have public IP addresses"


def identity(state: State) -> Violations:
    """The cluster has a managed identity. A service principal has a password that can leak."""
    for cluster in state.of_type(CLUSTER):
        if cluster.at("identity", "type") not in {"UserAssigned", "SystemAssigned"}:
            yield cluster, "the cluster uses a service principal"


def workload_identity(state: State) -> Violations:
    """Pods can use workload identities instead of stored passwords."""
    for cluster in state.of_type(CLUSTER):
        if not (
            cluster.at("oidcIssuerProfile", "enabled")
            and cluster.at("securityProfile", "workloadIdentity", "enabled")
        ):
            yield cluster, "workload identity is off"


def node_images(state: State) -> Violations:
    """Nodes receive security updates automatically."""
    for cluster in state.of_type(CLUSTER):
        channel = cluster.at("autoUpgradeProfile", "nodeOSUpgradeChannel")
        if channel not in {"NodeImage", "SecurityPatch"}:
            yield cluster, f"nodeOSUpgradeChannel is {channel or 'not set'}"


def run_command(state: State) -> Violations:
    """`az aks command invoke`, which bypasses the network, is off in private clusters."""
    for cluster in state.of_type(CLUSTER):
        access = cluster.mapping("apiServerAccessProfile")
        if access.get("enablePrivateCluster") and access.get("disableRunCommand") is not True:
            yield cluster, "disableRunCommand is not true"


def secret_rotation(state: State) -> Violations:
    """The Secrets Store CSI driver rotates mounted secrets."""
    for cluster in state.of_type(CLUSTER):
        addon = cluster.mapping("addonProfiles", "azureKeyvaultSecretsProvider")
        on = str(at(addon, "config", "enableSecretRotation")).lower() == "true"
        if addon.get("enabled") and not on:
            yield cluster, "enableSecretRotation is not true"


def default_deny(state: State) -> Violations:
    """Each namespace has a NetworkPolicy that denies all ingress by default."""
    closed = {
        policy.at("metadata", "namespace")
        for policy in state.kubernetes("NetworkPolicy")
        if not policy.at("spec", "podSelector", "matchLabels")
        and not policy.items("spec", "ingress")
        and "Ingress" in policy.items("spec", "policyTypes")
    }
    for namespace in state.kubernetes("Namespace"):
        if namespace.at("metadata", "name") not in closed:
            yield namespace, "no NetworkPolicy denies all ingress to the namespace"


def pod_security(state: State) -> Violations:
    """Pod Security Admission enforces a level in each namespace."""
    for namespace in state.kubernetes("Namespace"):
        level = namespace.mapping("metadata", "labels").get("pod-security.kubernetes.io/enforce")
        if level not in {"baseline", "restricted"}:
            yield namespace, f"enforces {level or 'no pod security level'}"


def public_load_balancers(state: State) -> Violations:
    """A public load balancer, whatever asks Azure for it, accepts only named source ranges."""
    for one in load_balancers(state):
        if one.open_to_all:
            what = f"the public load balancer of {one.namespace}/{one.name}"
            yield one.owner, f"{what} accepts connections from every address"


def published_origins(state: State) -> Violations:
    """No public zone has the address of a controller that admits a firewall's ranges only.

    Application routing publishes the controller's address in each of its zones. Clients then go
    around the firewall, and the load balancer drops their requests.
    """
    ranges = "service.beta.kubernetes.io/azure-allowed-ip-ranges"
    objects = [item for item in state.resources if item.is_kubernetes]
    if not any(any(values_of(item.properties, ranges)) for item in objects):
        return
    managed = [
        *((one, one.items("ingressProfile", "webAppRouting", "dnsZoneResourceIds"))
          for one in state.of_type(CLUSTER)),
        *((one, one.items("spec", "dnsZoneResourceIDs"))
          for one in state.kubernetes("ClusterExternalDNS")),
    ]  # fmt: skip
    for owner, zones in managed:
        for zone in map(str, zones):
            if "/dnszones/" in zone.lower():
                yield owner, f"publishes the controller's address in {zone.rsplit('/', 1)[-1]}"


def passwords(state: State) -> Violations:
    """The service principal's and the Windows administrator's passwords are encrypted."""
    for cluster in state.of_type(CLUSTER):
        for path in (("windowsProfile", "adminPassword"), ("servicePrincipalProfile", "secret")):
            parent, value = cluster.at(path[0]), cluster.at(*path)
            if value and not is_secret(parent) and not is_secret(value):
                yield cluster, f"{'.'.join(path)} is in plain text in the state"
