"""A module or package for each Azure namespace: its resource types, outputs and rules."""
