"""What stands behind the Makefile: the Python environment, the Pulumi CLI and local runs."""
