"""Pulumi component resources of aks-network, and the pure modules they stand on."""
