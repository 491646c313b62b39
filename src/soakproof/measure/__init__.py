"""Measuring: the conductor of a soak, its readings at rest points, and the second pass. All that writes `run.jsonl`."""
