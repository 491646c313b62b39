"""Leaving in the middle: the connection is cut, and whatever was under way stays half done."""

from __future__ import annotations

from soakproof.load.clients.lean import UNASKED, LeanClient
from soakproof.load.drops.mode import WireMode


class Reset(WireMode):
    """A TCP RST: a crashed machine that came back, a middlebox that lost its table."""

    name = "reset"
    is_plain = True

    def leave(self, client: LeanClient) -> None:
        """Reset."""
        if client.transport is not None:
            client.transport.reset()


class MidBinary(WireMode):
    """Leaves between a binary event's header and its attachment: the server has half a packet.

    The WebSocket is closed with its handshake, here and in `MidCall`: a server may throw away what it has not read yet
    when a connection breaks, and half of the packet is to arrive.
    """

    name = "mid-binary"

    def leave(self, client: LeanClient) -> None:
        """Send the client's last event once more, with bytes that never come; close."""
        event, _ = client.last_event or UNASKED
        client.send_header(event)
        client.close()


class MidCall(WireMode):
    """Leaves while its own request is being handled: the acknowledgement finds nobody."""

    name = "mid-call"

    def leave(self, client: LeanClient) -> None:
        """Send the client's last event once more, ask for an acknowledgement; close."""
        client.repeat()
        client.close()


class Storm(WireMode):
    """The network breaks for everybody, and everybody reconnects at once; then it breaks again.

    A client of this mode makes two connections, and both are counted as dropped in it.
    """

    name = "storm"
    is_plain = True
    comes_back = True

    def leave(self, client: LeanClient) -> None:
        """Cut the connection."""
        client.release()
