"""Tools for the developers of this repository."""
