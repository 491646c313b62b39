"""Judging: pure functions from a `soakproof.samples.Run` to a `Verdict`. No clock, no process, no socket, no file.

Run -> Series per metric -> Case -> Ruling of the first rule that decides -> Finding -> folded -> Verdict
"""

from soakproof.judge.judge import is_decided, judge_run, waves_needed

__all__ = ["is_decided", "judge_run", "waves_needed"]
