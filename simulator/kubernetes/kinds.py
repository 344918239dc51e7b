"""Tables of kinds: scope, immutable fields, and the API groups of charts and add-ons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.azure.namespaces.containerservice.addons import (
    has_managed_gateway_api,
    runs_app_routing_istio,
)
from support.nested import at, mapping

BUILT_IN_NAMESPACES = frozenset({"default", "kube-system", "kube-public", "kube-node-lease"})

CLUSTER_SCOPED = frozenset(
    {
        "APIService",
        "CSIDriver",
        "CSINode",
        "CertificateSigningRequest",
        "CiliumClusterwideNetworkPolicy",
        "ClusterExternalDNS",
        "ClusterIssuer",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "FlowSchema",
        "GatewayClass",
        "IngressClass",
        "MutatingWebhookConfiguration",
        "Namespace",
        "NginxIngressController",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "RuntimeClass",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
    }
)

# Fields whose change replaces the object: the API server, or for config maps and secrets
# pulumi-kubernetes, does not update them.
REPLACING: Mapping[str, tuple[str, ...]] = {
    "ConfigMap": ("data", "binaryData"),
    "ClusterRoleBinding": ("roleRef",),
    "DaemonSet": ("spec.selector",),
    "Deployment": ("spec.selector",),
    "Job": ("spec.selector", "spec.template", "spec.completions"),
    "PersistentVolumeClaim": ("spec.accessModes", "spec.storageClassName", "spec.selector"),
    "RoleBinding": ("roleRef",),
    "Secret": ("type", "data", "stringData"),
    "StatefulSet": ("spec.selector", "spec.serviceName", "spec.volumeClaimTemplates"),
    "StorageClass": ("parameters", "provisioner"),
}

# Fields of custom resources that their definition makes immutable: the update is refused.
IMMUTABLE_IN_CLUSTER: Mapping[str, tuple[str, ...]] = {
    "NginxIngressController": ("spec.ingressClassName", "spec.controllerNamePrefix"),
}

# API groups that a Helm chart installs, by chart name (the last segment of an OCI reference).
CHART_GROUPS: Mapping[str, tuple[str, ...]] = {
    "alb-controller": ("alb.networking.azure.io", "gateway.networking.k8s.io"),
    "cert-manager": ("cert-manager.io", "acme.cert-manager.io"),
    "contour": ("projectcontour.io", "gateway.networking.k8s.io"),
    "kubernetes-ingress": ("core.haproxy.org", "ingress.v1.haproxy.org"),
    "traefik": ("traefik.io", "gateway.networking.k8s.io"),
}


# API groups that an add-on installs, by the lower-case name of its profile.
_ADDON_GROUPS: Mapping[str, tuple[str, ...]] = {
    "azurekeyvaultsecretsprovider": ("secrets-store.csi.x-k8s.io",),
    "azurepolicy": ("templates.gatekeeper.sh", "constraints.gatekeeper.sh"),
    "ingressapplicationgateway": ("appgw.ingress.k8s.io",),
}


def addon_groups(cluster: Mapping[str, Any]) -> set[str]:
    """API groups that a cluster's settings (its inputs) install."""
    groups = {"metrics.k8s.io", "snapshot.storage.k8s.io"}
    if at(cluster, "ingressProfile", "webAppRouting", "enabled"):
        groups |= {"approuting.kubernetes.azure.com", "secrets-store.csi.x-k8s.io"}
    if has_managed_gateway_api(cluster):
        groups.add("gateway.networking.k8s.io")
    for name, profile in mapping(cluster, "addonProfiles").items():
        if at(profile, "enabled"):
            groups.update(_ADDON_GROUPS.get(name.lower(), ()))
    if at(cluster, "networkProfile", "networkDataplane") == "cilium":
        groups.add("cilium.io")
    if at(cluster, "networkProfile", "networkPolicy") == "calico":
        groups |= {"crd.projectcalico.org", "operator.tigera.io"}
    return groups


def addon_namespaces(cluster: Mapping[str, Any]) -> set[str]:
    """Namespaces that a cluster's add-ons create."""
    enabled = at(cluster, "ingressProfile", "webAppRouting", "enabled")
    found = {"app-routing-system"} if enabled else set[str]()
    return found | ({"aks-istio-system"} if runs_app_routing_istio(cluster) else set[str]())


def left_out(cluster: Mapping[str, Any], kind: str) -> bool:
    """Whether a cluster lacks a kind although it has others of the kind's group.

    Application routing installs the definitions of its external-dns with workload identity only
    (Azure/aks-app-routing-operator, pkg/controller/crd.go).
    """
    if kind not in {"ClusterExternalDNS", "ExternalDNS"}:
        return False
    return not at(cluster, "securityProfile", "workloadIdentity", "enabled")
