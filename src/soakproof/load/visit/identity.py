"""Who one client is: the values its placeholders have, the same all its life, and which of them are secret."""

from __future__ import annotations

import os
import random
import uuid
from typing import TypeVar

from soakproof.load.visit import placeholders
from soakproof.load.visit.placeholders import Placeholder
from soakproof.serverurl import parse_url

HIDDEN = "(hidden)"
SHORTEST_SECRET = 4  # characters; hiding shorter ones would make a text unreadable and hide nothing

T = TypeVar("T")


class Identity:
    """The values of one client's placeholders.

    ``number`` counts the clients of a wave from 1, ``wave`` is the number of that wave. A value is drawn when it is
    asked for first: ``{uuid}`` in the page's URL and in ``--auth`` is one and the same.
    """

    __slots__ = ("_drawn", "_secrets", "_url", "number", "taken", "wave")

    def __init__(self, url: str, number: int, wave: int) -> None:
        self._url = url
        self.number = number
        self.wave = wave
        self.taken: dict[str, str] = {}
        self._drawn: dict[Placeholder, str] = {}
        self._secrets: set[str] = set()

    def fill(self, value: T) -> T:
        """Return a JSON value with its placeholders filled in."""
        filled: T = placeholders.fill(value, self._value_of)
        return filled

    def take(self, name: str, value: str) -> None:
        """Keep what was taken from a page under a name."""
        self.taken[name] = value
        self.keep_secret(value)

    def keep_secret(self, *values: str) -> None:
        """Have `hide` leave these out of what is said."""
        self._secrets.update(value for value in values if len(value) >= SHORTEST_SECRET)

    def hide(self, text: str) -> str:
        """Return a text without cookies, tokens, passwords and values of the environment."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return text

    def _value_of(self, placeholder: Placeholder) -> str:
        if placeholder.word == "taken":  # it may be taken anew, from a later page
            return self.taken.get(str(placeholder.argument), "")
        if placeholder not in self._drawn:
            self._drawn[placeholder] = self._draw(placeholder)
        return self._drawn[placeholder]

    def _draw(self, placeholder: Placeholder) -> str:
        argument = placeholder.argument or ""
        match placeholder.word:
            case "uuid":
                return str(uuid.uuid4())
            case "n":
                return str(self.number)
            case "wave":
                return str(self.wave)
            case "choice":
                return random.choice(argument.split("|"))  # noqa: S311  # a load's dice
            case "env":
                self.keep_secret(value := os.environ.get(argument, ""))
                return value
            case _:
                return self._place(placeholder.word)

    def _place(self, word: str) -> str:
        if word == "url":
            return self._url.rstrip("/")
        origin = parse_url(self._url)
        return str(origin.host) if word == "host" else str(origin.port)
