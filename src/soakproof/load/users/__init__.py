"""Locust users, and how an order makes them come, work and go."""
