"""The commands on the simulated cloud.

This package alone imports the simulator among the commands. A command imports it only when it runs
on the simulated cloud, so that a command on Azure needs nothing of the simulator's.
"""
