"""Checks everything that a deployment needs, before anything is created. Changes nothing.

A check is a function of a `Context` that yields findings. It asks Azure through `client.Client`,
which sends only reading requests, and Pulumi through `context.Pulumi`, which runs only reading
commands. A check does not know whether Azure or the simulated Azure answers.
"""
