"""The target: its processes, started or attached to, and the agents in them."""
