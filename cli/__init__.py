"""The commands that a user of this repository runs. The Makefile calls them."""
