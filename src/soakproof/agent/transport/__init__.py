"""The agent's end of the wire: its thread and socket, how it starts, and which operation answers which request."""
