"""Microsoft.ContainerService: clusters, node pools and their rules."""
