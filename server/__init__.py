"""The reference server: a collaboration server whose registries stay bounded under any client behaviour."""
