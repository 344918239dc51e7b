"""Generators of pages: all settings, and what a change of a stack file does."""
