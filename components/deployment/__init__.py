"""How the components of one deployment hand values to each other.

`deployment` is the table of contents; the other modules make the components of one area each, from
the settings, the address plan and what was made before.
"""
