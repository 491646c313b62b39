"""Who keeps what has grown: retainer paths, their descriptions, and tasks, threads and descriptors."""
