"""How long a deployment takes: its schedule, the lower bound, and the purpose of each edge."""
