"""Before a run that leaps lines are followed once, for nothing: that ends, whatever looking came to."""

from __future__ import annotations

from types import SimpleNamespace

from soakproof.errors import AgentError
from soakproof.measure.fastforward import rehearse


class Poor:
    """The agent of a process that has not the memory that a census takes."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def request(self, op: str, **_fields: object) -> dict[str, object]:
        """Answer all but a census."""
        self.asked.append(op)
        if op == "census":
            raise AgentError("no room")
        return {"ok": True}


def test_no_process_is_followed_on_where_it_cannot_be_looked_at() -> None:
    """Each of them is let go of: a tracer that stayed would slow the target down for the whole run."""
    links = [Poor(), Poor()]
    rehearse(SimpleNamespace(pulse=lambda: None), SimpleNamespace(links=lambda: links))  # type: ignore[arg-type]
    assert [each.asked for each in links] == [["follow", "census", "followed"]] * 2
