"""The API servers of the simulated clusters, and the simulated pulumi-kubernetes provider."""
