"""What a client is refused, each with the sentence it is told."""

from __future__ import annotations


class RefusedError(Exception):
    """A request that is not carried out; its sentence goes to the client as ``error {message}``."""


class FullError(RefusedError):
    """A registry or a client's share of it is at its cap."""


class NotLockOwnerError(RefusedError):
    """A document is locked by somebody else, or by nobody; ``locked_by`` says who, or None."""

    def __init__(self, document_id: str, locked_by: str | None) -> None:
        super().__init__(f"document {document_id!r} is locked by {locked_by!r}")
        self.locked_by = locked_by
