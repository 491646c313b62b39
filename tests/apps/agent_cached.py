"""A method under a cache without limit, which keeps each object that it was ever called on; and one with a limit."""

import functools
import sys


class Session:
    """A client."""

    def __init__(self, sid):
        self.sid = sid

    @functools.lru_cache(maxsize=None)  # noqa: B019, UP033 -- the mistake under test
    def rights(self):
        """Return what it may do."""
        return ("read", self.sid)

    @functools.lru_cache(maxsize=1000)  # noqa: B019 -- likewise
    def groups(self, _kind):
        """Return the groups that it is in."""
        return ["all"]


print("ready", flush=True)
for line in sys.stdin:
    for number in range(int(line)):
        session = Session(f"client {number}")
        session.rights()
        session.groups("open")
    print("done", flush=True)
