"""Helpers that every folder may import; they import nothing else of the repository."""
