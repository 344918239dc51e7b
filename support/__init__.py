"""Ground floor: helpers without any dependency on the rest of the repository."""
