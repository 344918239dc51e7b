"""The Kubernetes objects in the cluster: applications, network policies, ingress, workloads.

Components:
- `applications.Applications`: the objects of all applications
- `ingress_controller.IngressController`: the controller's Helm chart and objects

All other modules are pure, but `resource`, which registers manifests, and `provider`.
"""
