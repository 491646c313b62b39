"""What happens when a client comes, and when it goes."""

from __future__ import annotations

from server.cleanup import RELEASE, Cleanup
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

    def connect(self, connection: Connection) -> None:
        """Take a client in. Raises FullError. Never awaits: a client could leave meanwhile, and stay in the library."""
        self._connections.add(connection)

    async def disconnect(self, sid: str) -> None:
        """Free what a client held, then clean up.

        Never raises: the library would skip its own cleanup, and keep the connection for good. A part that fails keeps
        no other from being freed.
        """
        connection = self._connections.remove(sid)
        if connection is not None:
            self._forget_documents(connection)
        with self._cleanup.noting_failure(RELEASE, sid=sid):
            await self._locking.release_all(sid, "disconnect")
        await self._cleanup.run("disconnect")

    def _forget_documents(self, connection: Connection) -> None:
        for key in list(connection.documents):
            with self._cleanup.noting_failure(RELEASE, sid=connection.sid):
                self._editing.forget(connection, key)
