"""What is particular about Kubernetes kinds, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

BUILT_IN_NAMESPACES = frozenset({"default", "kube-system", "kube-public", "kube-node-lease"})

CLUSTER_SCOPED = frozenset(
    {
        "APIService",
        "CSIDriver",
        "CSINode",
        "CertificateSigningRequest",
        "CiliumClusterwideNetworkPolicy",
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

# Fields that the API server (or pulumi-kubernetes, for config maps and secrets) lets no update change.
IMMUTABLE: Mapping[str, tuple[str, ...]] = {
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

# API groups that a Helm chart brings with it, by chart name (the last part of an OCI reference).
CHART_GROUPS: Mapping[str, tuple[str, ...]] = {
    "alb-controller": ("alb.networking.azure.io", "gateway.networking.k8s.io"),
    "cert-manager": ("cert-manager.io", "acme.cert-manager.io"),
    "contour": ("projectcontour.io", "gateway.networking.k8s.io"),
    "kubernetes-ingress": ("core.haproxy.org", "ingress.v1.haproxy.org"),
    "traefik": ("traefik.io", "gateway.networking.k8s.io"),
}


def addon_groups(cluster: Mapping[str, Any]) -> set[str]:
    """API groups that a cluster's own settings (its inputs) bring."""
    groups = {"metrics.k8s.io", "snapshot.storage.k8s.io"}
    routing = (cluster.get("ingressProfile") or {}).get("webAppRouting") or {}
    if routing.get("enabled"):
        groups.add("approuting.kubernetes.azure.com")
    addons = {key.lower(): item for key, item in (cluster.get("addonProfiles") or {}).items()}
    if (addons.get("azurekeyvaultsecretsprovider") or {}).get("enabled") or routing.get("enabled"):
        groups.add("secrets-store.csi.x-k8s.io")
    if (addons.get("azurepolicy") or {}).get("enabled"):
        groups.update({"templates.gatekeeper.sh", "constraints.gatekeeper.sh"})
    if (addons.get("ingressapplicationgateway") or {}).get("enabled"):
        groups.add("appgw.ingress.k8s.io")
    if (cluster.get("networkProfile") or {}).get("networkDataplane") == "cilium":
        groups.add("cilium.io")
    if (cluster.get("networkProfile") or {}).get("networkPolicy") == "calico":
        groups.update({"crd.projectcalico.org", "operator.tigera.io"})
    return groups


def addon_namespaces(cluster: Mapping[str, Any]) -> set[str]:
    """Namespaces that a cluster's add-ons bring."""
    routing = (cluster.get("ingressProfile") or {}).get("webAppRouting") or {}
    return {"app-routing-system"} if routing.get("enabled") else set()
