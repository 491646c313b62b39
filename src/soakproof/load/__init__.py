"""Load: Locust's side. `soakproof.load.orders` is what the conductor sees of it."""
