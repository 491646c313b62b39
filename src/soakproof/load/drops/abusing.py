"""Leaving after having broken the protocol, or having asked too much of it: what hostile and broken clients do."""

from __future__ import annotations

import random
from contextlib import suppress

from soakproof.load.clients.errors import ClientError
from soakproof.load.clients.lean import LeanClient
from soakproof.load.drops.mode import WireMode

# One each, since a server may close the connection over the first: no type of Engine.IO's, none of Socket.IO's, half of
# a JSON value, an event that is no list, one without a name, an acknowledgement of nothing, an attachment of nothing.
MALFORMED = ([b"9"], [b"49"], [b'42["half'], [b'42{"no": "list"}'], [b"42[]"], [b"43999999[]"], [b"", b"\x00"])
PONGS = 500
ROUNDS = 5


class Malformed(WireMode):
    """Sends a packet that is none, one of `MALFORMED` by lot, then closes."""

    name = "malformed"
    is_straining = True

    def leave(self, client: LeanClient) -> None:
        """Send it; close."""
        with suppress(ClientError):
            client.send_raw(random.choice(MALFORMED))  # noqa: S311  # a load's dice
        client.close()


class Oversize(WireMode):
    """Sends an event larger than the server said it takes (``maxPayload``), then closes."""

    name = "oversize"
    is_straining = True

    def leave(self, client: LeanClient) -> None:
        """Send it; close."""
        with suppress(ClientError):
            client.send_raw([b'42["message","' + b"x" * client.max_payload_bytes + b'"]'])
        client.close()


class PongFlood(WireMode):
    """Answers `PONGS` pings that nobody sent, then closes: python-engineio plans its next ping at every pong."""

    name = "pong-flood"
    is_straining = True

    def leave(self, client: LeanClient) -> None:
        """Send them; close."""
        with suppress(ClientError):
            for _ in range(PONGS):
                client.send_raw([b"3"])
        client.close()


class Rejoin(WireMode):
    """Leaves its namespace and connects to it anew, `ROUNDS` times over one transport, then closes."""

    name = "rejoin"

    def leave(self, client: LeanClient) -> None:
        """Leave and come, again and again; close."""
        with suppress(ClientError):
            for _ in range(ROUNDS):
                client.rejoin()
        client.close()
