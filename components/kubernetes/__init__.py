"""Objects inside the cluster: applications, network policies, ingress, workloads."""
