"""Microsoft.Network, one module per kind of resource."""
