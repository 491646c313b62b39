"""Clients that never get in: a handshake left half done, or refused. Users' tasks are not run for them."""

from __future__ import annotations

import msgspec

from soakproof.load.clients.endpoint import Endpoint, build_endpoint
from soakproof.load.clients.errors import AnswerTimeoutError, ConnectError, LostError, RefusedError
from soakproof.load.clients.handshake import HandshakeClient
from soakproof.load.clients.hub import Hub
from soakproof.load.clients.lean import LeanClient
from soakproof.load.clients.polling import PollingTransport
from soakproof.load.clients.transport import Session
from soakproof.load.clients.upgrading import PROBE_ANSWER, UpgradingTransport
from soakproof.load.drops.mode import DropMode, WhenLost, WireMode
from soakproof.load.options import ClientOptions
from soakproof.load.wire import packets

TAKEN_BACK_S = 1.0


class HalfOpen(DropMode[HandshakeClient]):
    """An Engine.IO handshake by polling, never seen again: crawlers, health checks, impatient people."""

    name = "half-open"
    is_admitted = False
    is_silent = True

    def make(self, url: str, options: ClientOptions, when_lost: WhenLost) -> HandshakeClient:  # noqa: ARG002  # nothing to lose
        """Return a client that stops at the open packet."""
        return HandshakeClient(build_endpoint(url, options), _poll_once, packets.OPEN)

    def leave(self, client: HandshakeClient) -> None:
        """Close the HTTP connection; the session stays behind."""
        client.release()


class UpgradeAbort(DropMode[HandshakeClient]):
    """Polling, then a WebSocket's probe, then gone before the upgrade."""

    name = "upgrade-abort"
    is_admitted = False

    def make(self, url: str, options: ClientOptions, when_lost: WhenLost) -> HandshakeClient:  # noqa: ARG002  # nothing to lose
        """Return a client that stops at the answer to its probe."""
        return HandshakeClient(build_endpoint(url, options), _probe, PROBE_ANSWER)

    def leave(self, client: HandshakeClient) -> None:
        """Cut both connections."""
        client.release()


class PageOnly(DropMode["Nowhere"]):
    """Gets its pages, logs in, and leaves before its socket: a tab that was closed while it loaded."""

    name = "page-only"
    is_admitted = False
    is_wire = False
    is_plain = True

    def make(self, url: str, options: ClientOptions, when_lost: WhenLost) -> Nowhere:  # noqa: ARG002  # it connects to nothing
        """Return a client without a socket."""
        return Nowhere(is_introduced=options.is_introduced)

    def leave(self, client: Nowhere) -> None:
        """Be gone: there is no socket."""
        client.release()


class Nowhere:
    """A client that came for the pages alone."""

    __slots__ = ("_is_introduced",)

    def __init__(self, *, is_introduced: bool) -> None:
        self._is_introduced = is_introduced

    def connect(self) -> None:
        """Be content with the pages there were.

        Raises:
            ConnectError: there were none.
        """
        if not self._is_introduced:
            raise ConnectError("--drop page-only: there is no page to leave; name one with --page, or with --preset")

    def release(self) -> None:
        """Do nothing: there is no socket."""


class Reject(WireMode):
    """Connects with credentials the server refuses (``refused_auth`` of the options).

    A server that lets it in all the same is a failure, and counted as one.
    """

    name = "reject"
    is_admitted = False

    def adapt(self, options: ClientOptions) -> ClientOptions:
        """Connect with what is to be refused."""
        return msgspec.structs.replace(options, auth=options.refused_auth)

    def make(self, url: str, options: ClientOptions, when_lost: WhenLost) -> LeanClient:
        """Return a client that expects to be refused."""
        return _Refused(build_endpoint(url, options, self.adapt), when_lost)

    def leave(self, client: LeanClient) -> None:
        """Close the connection; it was never one to the namespace."""
        client.release()


class _Refused(LeanClient):
    """A client for which a refusal is success."""

    __slots__ = ()

    def connect(self) -> None:
        try:
            super().connect()
            self.wait_for("", TAKEN_BACK_S)  # with always_connect, a server says yes first and no later
        except (RefusedError, LostError):
            return
        except AnswerTimeoutError:
            self.release()
        raise ConnectError("the server accepted credentials that it should refuse (refused_auth)")


def _poll_once(endpoint: Endpoint, hub: Hub, session: Session) -> PollingTransport:
    return PollingTransport(endpoint, hub, session, polls=False)


def _probe(endpoint: Endpoint, hub: Hub, session: Session) -> UpgradingTransport:
    return UpgradingTransport(endpoint, hub, session, completes=False)
