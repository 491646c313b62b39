"""The campaign of fast-forward: servers that clean up by age, and their leaky twins (docs/fast-forward.md)."""
