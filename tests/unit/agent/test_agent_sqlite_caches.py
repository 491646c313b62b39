"""What SQLite caches of its files is no growth of the C heap: a file fills a cache, a database in memory has none."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from soakproof.agent.process import libc, sqlitecaches

ROWS = 20_000
WRITES = """
import sqlite3, sys
sqlite3.connect(sys.argv[1], timeout=0).execute("begin immediate")
"""
ROW = "insert into visits values (?, ?)"


@pytest.fixture
def database(tmp_path):
    """A connection to a file, with a table; its cache is as large as it is by default."""
    with closing(sqlite3.connect(tmp_path / "visits.db", isolation_level=None)) as database:
        database.executescript("pragma synchronous = off; create table visits (sid text, note text)")
        yield database


def fill(database):
    """Insert rows of about a hundred bytes."""
    database.execute("begin")
    database.executemany(ROW, ((f"{at:020}", "x" * 80) for at in range(ROWS)))
    database.execute("commit")


def net_bytes():
    """Return what is in use by C, without caches."""
    libc.load()
    return libc.in_use_bytes() - (sqlitecaches.cached_bytes() or 0.0)


def test_a_file_fills_its_cache_and_nothing_else(database):
    """Two megabytes of rows: malloc gives out as much, and all of it is told as cached."""
    before, cached = net_bytes(), sqlitecaches.cached_bytes()
    fill(database)
    assert sqlitecaches.cached_bytes() - cached > 1.5e6
    assert abs(net_bytes() - before) < 100_000


def test_what_is_more_than_caches_take_is_not_taken_for_one(database):
    """A larger cache, or rows in memory beside the file: beyond the default the C heap in use shows it."""
    database.execute("pragma cache_size = -100000")
    fill(database)
    cached, before = sqlitecaches.cached_bytes(), net_bytes()
    fill(database)
    assert sqlitecaches.cached_bytes() == cached
    assert net_bytes() - before > 1e6


def test_a_database_in_memory_is_no_cache():
    """Its rows stay, and are in use."""
    with closing(sqlite3.connect(":memory:")):
        assert sqlitecaches.cached_bytes() is None


def test_files_of_others_are_not_read(tmp_path):
    """Not even one that begins as a database does: SQLite has not opened it."""
    file = tmp_path / "copy.db"
    file.write_bytes(b"SQLite format 3\0")
    with file.open("r+b") as stream:
        assert not sqlitecaches.is_database(stream.fileno())
    assert not sqlitecaches.is_database(999_999)  # closed meanwhile


def test_locks_of_a_database_outlast_being_looked_at(database, tmp_path):
    """Opening its file once more, and closing it, would end the process' own locks, and another could write."""
    database.execute("begin immediate")
    assert sqlitecaches.cached_bytes() is not None
    other = subprocess.run(
        [sys.executable, "-c", WRITES, tmp_path / "visits.db"], check=False, capture_output=True, text=True
    )
    database.execute("rollback")
    assert "database is locked" in other.stderr
