"""A simulated Azure, with the Kubernetes API of its clusters, for the engine and for unit tests.

The engine starts the two provider executables in `bin/`. Unit tests call
`simulator.azure.cloud.Cloud` in process. Nothing here imports the program.
"""
