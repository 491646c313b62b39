"""Watches the server's own memory: samples, alerts, metrics."""
