"""The second pass: allocations per line, the lines that fill a container, and the event handlers they run in."""
