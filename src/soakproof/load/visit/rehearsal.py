"""A rehearsal: one client does all that comes before the socket, so that a mistake is told before any wave."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from soakproof.errors import ConfigError, LoadError
from soakproof.load.clients.errors import ClientError
from soakproof.load.options import ClientOptions
from soakproof.load.visit.browser import Browser
from soakproof.load.visit.errors import TakeError
from soakproof.load.visit.identity import Identity
from soakproof.load.visit.introduction import Visitor


def rehearse(url: str, options: ClientOptions) -> None:
    """Introduce one client, if there is anything to do before the socket.

    Raises:
        ConfigError: a pattern does not find what it is to take.
        LoadError: a page is not there, or the login is not accepted.
    """
    if not options.is_introduced:
        return
    identity = Identity(url, 0, 0)
    visitor = Visitor(Browser(url, options, identity), identity, _name_what_fails)
    try:
        visitor.introduce(options)
    except ClientError as error:
        kind = ConfigError if isinstance(error, TakeError) else LoadError
        raise kind(identity.hide(str(error))) from None


def _name_what_fails(kind: str, name: str, action: Callable[[], Any]) -> Any:
    """Do it; an error says of what it is, as the statistics would."""
    try:
        return action()
    except TakeError:
        raise
    except ClientError as error:
        raise type(error)(f"{kind} {name}: {error}") from None
