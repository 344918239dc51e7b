"""The component resources of aks-network by domain, and the pure modules that they use."""
