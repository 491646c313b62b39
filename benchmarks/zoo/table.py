"""Rows in a database in memory, a hundred bytes for each client; the clean one keeps the newest."""

from __future__ import annotations

import sqlite3

from benchmarks.zoo.animal import Animal

KEPT = 200
DATABASE = sqlite3.connect(":memory:")


class Server(Animal):
    """Writes a row for each client."""

    def __init__(self, *, is_leaky: bool) -> None:
        super().__init__(is_leaky=is_leaky)
        DATABASE.execute("create table visits (id integer primary key, text text)")

    async def serve(self, sid: str) -> None:
        """Insert a row, and delete the oldest."""
        row = DATABASE.execute("insert into visits (text) values (?)", (sid.ljust(100, "."),)).lastrowid or 0
        if not self.is_leaky:
            DATABASE.execute("delete from visits where id <= ?", (row - KEPT,))
        DATABASE.commit()
