"""A dictionary for tests of what must not depend on how many others there are."""

from __future__ import annotations


class Unscanned(dict):
    """A registry that minds being looked through: finding one entry is all that is allowed."""

    def _mind(self, *_):
        raise AssertionError("a registry was looked through")

    __iter__ = keys = values = items = _mind
