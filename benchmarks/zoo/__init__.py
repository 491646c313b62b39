"""Small servers that each leak in one way users have met, and do the same without the leak when asked to."""
