"""Brings a stack's state in line with the cloud after a run that was interrupted.

What such a run was creating may be in the cloud, but not in the state; the next `up` would be
refused, since azure-native does not create what exists. Names are in the program, so the ids are
known: what is in the cloud is imported, what is not is forgotten. Nothing is created, changed or
deleted in the cloud. docs/recovery.md has the steps around this one.
"""
