"""Counting all containers and types: where they are found, by which path, and what has changed since the first time."""
