"""How long a deployment takes in Azure's durations, and what bounds it from below."""
