"""The simulated Azure Resource Manager: one model for the provider executable and for unit tests."""
