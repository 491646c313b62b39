"""Reading objects without side effects: what they are, what they hold, and what the collector tracks."""
