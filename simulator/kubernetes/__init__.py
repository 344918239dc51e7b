"""The Kubernetes API of the simulated clusters, and the stand-in for pulumi-kubernetes."""
