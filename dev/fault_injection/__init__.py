"""Injects every kind of fault into every operation of `up` and `destroy`, recovers, and compares.

A run without faults is the baseline. A fault is injected into an operation, and the documented
steps follow: `recover`, then the same command again. In that second run a fault is injected into
the next operation, and so on until no operation is left. The stack must then be as after the
baseline: the same state, the same cloud, and nothing to change. Only then do the operations count
as recovered.
"""
