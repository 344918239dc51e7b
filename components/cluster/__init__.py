"""The AKS cluster: its identity, node pools and network profile, and what observes it."""
