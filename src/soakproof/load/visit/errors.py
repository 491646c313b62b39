"""What can go wrong before the socket. Each sentence says what was got, what is needed, and what to do."""

from __future__ import annotations

from soakproof.load.clients.errors import ClientError


class PageError(ClientError):
    """A page, or the login, was not as it has to be."""


class ForeignPageError(PageError):
    """A page sends its visitors to another host."""


class TakeError(PageError):
    """A pattern finds nothing in a page, or too much."""
