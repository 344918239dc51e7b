"""The AKS cluster: identity, node pools, registries, and the observation of a deployment.

Components:
- `cluster.Cluster`: the managed cluster, its node pools, the private zone of its API server
- `identity.ClusterIdentity`: the cluster's identity and its role on the subnets
- `registry.Registries`: the registries from which the nodes pull images
- `workload_identity.WorkloadIdentity`: an identity for pods
- `log_analytics.LogAnalytics`: the workspace
- `observability.Observability`: diagnostic settings and flow logs
"""
