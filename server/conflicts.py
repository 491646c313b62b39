"""Which of two changes to a document stands."""

from __future__ import annotations

from typing import Literal

from server.documents import DocumentState

WINDOW_S = 1.0

Verdict = Literal["accepted", "last_write_wins", "rejected"]


def judge(state: DocumentState, *, version: int, user_id: str, now_s: float) -> Verdict:
    """Say what becomes of a change that arrived at ``now_s``, by the server's clock.

    A version that is not newer, and not later, is rejected. Within 1000 ms of another user's change the last write
    wins, and its writer is told.
    """
    is_newer = version > state.version
    is_contested = state.user_id != user_id and now_s - state.last_modified_s < WINDOW_S
    if not is_newer and now_s <= state.last_modified_s:
        return "rejected"
    return "last_write_wins" if is_contested and not is_newer else "accepted"
