"""Leaving without a word: the server finds out by its ping timeout."""

from __future__ import annotations

import gevent
import msgspec

from soakproof.load.clients.lean import LeanClient
from soakproof.load.drops.mode import WireMode
from soakproof.load.options import ClientOptions

KEEP_S = 120.0


class Vanish(WireMode):
    """Goes silent with the socket open: a laptop's lid, a dead network.

    The client counts as dropped as soon as it is silent. Its socket stays open until the server gives up, and says so
    with a closing frame or closes it; `KEEP_S` at most. So the server really meets a peer that is there and silent.
    """

    name = "vanish"
    is_plain = True
    is_silent = True

    def leave(self, client: LeanClient) -> None:
        """Go silent."""
        transport, client.transport = client.transport, None
        if transport is not None:
            deadline = gevent.spawn_later(KEEP_S, transport.release)
            transport.mute(lambda _: deadline.kill(block=False))


class Polling(WireMode):
    """Long-polling all its life, then stops polling."""

    name = "polling"
    is_silent = True

    def adapt(self, options: ClientOptions) -> ClientOptions:
        """Never upgrade."""
        return msgspec.structs.replace(options, transports=("polling",))

    def leave(self, client: LeanClient) -> None:
        """Stop polling."""
        client.release()
