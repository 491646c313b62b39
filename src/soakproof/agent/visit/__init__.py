"""Visiting: how the agent comes into a process that nobody prepared, and leaves it as it was when the run ends."""
