"""Shows what commits change in a stack, on a pull request too."""
