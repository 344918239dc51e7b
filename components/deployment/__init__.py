"""How the components of one deployment pass values to each other.

`deployment` lists all steps in order. Each other module creates the components of one area from the
settings, the address plan and the values of earlier components.
"""
