"""Interrupts every operation of `up` and `destroy` in every way, recovers, and compares.

Each operation of an undisturbed run is struck by each kind of fault. The documented steps follow:
`recover`, then the same command again. The next operations are struck in that second run, and so
on until nothing is left to strike; then the stack has to be what it is after an undisturbed run:
the same state, the same cloud, nothing to change. Only then do the operations of the chain count
as recovered.
"""
