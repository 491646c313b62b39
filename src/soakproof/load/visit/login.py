"""A login: where to post, and what."""

from __future__ import annotations

from typing import Any

import msgspec

from soakproof.load.visit.placeholders import find


class Login(msgspec.Struct, frozen=True):
    """A POST of a form, or of JSON where ``is_json``, to a path of the target."""

    path: str
    fields: Any
    is_json: bool = False

    def needs(self) -> set[str]:
        """Return the names of what must have been taken from a page before."""
        places = find([self.path, self.fields])
        return {str(placeholder.argument) for placeholder in places if placeholder.word == "taken"}
