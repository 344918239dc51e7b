"""The simulated Azure Resource Manager: one model for the provider and for unit tests."""
