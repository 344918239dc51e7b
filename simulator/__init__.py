"""A simulated Azure with the Kubernetes API of its clusters, for the engine and for unit tests.

The engine reaches it through two provider executables in `bin/`; unit tests call
`simulator.azure.cloud.Cloud` in process. Nothing here knows the program it serves.
"""
