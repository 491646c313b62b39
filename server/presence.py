"""Who is in which document's room, as the domain sees it: a leaver is gone before its document is judged."""

from __future__ import annotations

from server.groups import Groups

DocumentKey = tuple[str, str]  # project id, document id


class Presence:
    """Document key → the connections in its room."""

    def __init__(self) -> None:
        self.members: Groups[DocumentKey] = Groups()

    def join(self, key: DocumentKey, sid: str) -> None:
        """Note that a connection is in a document's room."""
        self.members.add(key, sid)

    def leave(self, key: DocumentKey, sid: str) -> bool:
        """Note that it is not; return whether it was the last."""
        return self.members.discard(key, sid)

    def is_active(self, key: DocumentKey) -> bool:
        """Return whether anybody is in a document's room."""
        return key in self.members
