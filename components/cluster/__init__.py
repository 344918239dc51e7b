"""The AKS cluster: identity, node pools, network profile, and the observation of a deployment.

Components:
- `cluster.Cluster`: the managed cluster, its node pools, the private zone of its API server
- `identity.ClusterIdentity`: the cluster's identity and its role on the subnets
- `workload_identity.WorkloadIdentity`: an identity for pods
- `log_analytics.LogAnalytics`: the workspace
- `observability.Observability`: diagnostic settings and flow logs
"""
