"""Brings a stack's state in line with the cloud after an interrupted run.

The interrupted run may have created resources that the state does not list. azure-native refuses
to create a resource that exists, so the next `up` would fail. The program sets the names, so the
ids are known: recovery imports what is in the cloud, and removes from the state what is not. It
creates, changes and deletes nothing in the cloud. docs/recovery.md describes the steps around it.
"""
