"""A row in a database file for each client, and SQLite caches its pages; the leaky one keeps a statement of each."""

from __future__ import annotations

import sqlite3
import tempfile

from benchmarks.zoo.animal import Animal

PLACE = tempfile.TemporaryDirectory(prefix="zoo-visits-")
DATABASE = sqlite3.connect(f"{PLACE.name}/visits.db", isolation_level=None)
OPEN_RESULTS: list[sqlite3.Cursor] = []


class Server(Animal):
    """Writes a row for each client, and looks at the first."""

    def __init__(self, *, is_leaky: bool) -> None:
        super().__init__(is_leaky=is_leaky)
        DATABASE.executescript("pragma synchronous = off; create table visits (sid text)")

    async def serve(self, sid: str) -> None:
        """Insert a row; fetch one of all that there are."""
        DATABASE.execute("insert into visits values (?)", (sid.ljust(100, "."),))
        result = DATABASE.execute("select * from visits")
        result.fetchone()
        if self.is_leaky:
            OPEN_RESULTS.append(result)
