"""A run: its parts put together from the options, its phases in their order, and how each failure ends them."""
