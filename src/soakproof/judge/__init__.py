"""Judging: pure functions from a `soakproof.samples.Run` to a `Verdict`. No clock, no process, no socket, no file."""
