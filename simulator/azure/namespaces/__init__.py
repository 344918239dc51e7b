"""One module per Azure namespace: its resource types, outputs and rules."""
