"""The registries that several workers must agree on, in Redis."""
