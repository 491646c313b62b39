"""What happens when a client comes, and when it goes."""

from __future__ import annotations

import structlog

from server.cleanup import Cleanup
from server.connections import Connection, Connections
from server.services.editing import Editing
from server.services.locking import Locking


class Lifecycle:
    """Composes what connecting and disconnecting mean to all parts: there is one handler for each."""

    def __init__(self, connections: Connections, locking: Locking, editing: Editing, cleanup: Cleanup) -> None:
        self._connections = connections
        self._locking = locking
        self._editing = editing
        self._cleanup = cleanup
        self.failures = 0
        self._log = structlog.get_logger("server.lifecycle")

    def connect(self, connection: Connection) -> None:
        """Take a client in. Raises FullError. Never awaits: a client could leave meanwhile, and stay in the library."""
        self._connections.add(connection)

    async def disconnect(self, sid: str) -> None:
        """Free what a client held, then clean up.

        Never raises: the library would skip its own cleanup, and keep the connection for good.
        """
        try:
            connection = self._connections.remove(sid)
            if connection is not None:
                for key in list(connection.documents):
                    self._editing.forget(connection, key)
            await self._locking.release_all(sid, "disconnect")
        except Exception:  # noqa: BLE001 -- see above
            self.failures += 1
            self._log.exception("releasing what a client held failed", sid=sid)
        await self._cleanup.run("disconnect")
