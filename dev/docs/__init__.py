"""Generators of the pages that follow from code: all settings, what an edit does."""
