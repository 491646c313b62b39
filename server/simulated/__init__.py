"""Stand-ins for what a real deployment would call: an agent and a crawler. They do no work; they take time."""
