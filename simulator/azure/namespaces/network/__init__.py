"""Microsoft.Network: a module for each kind of resource."""
