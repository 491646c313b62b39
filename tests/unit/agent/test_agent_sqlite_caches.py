"""What SQLite caches of its files is no growth of the C heap: a file fills a cache, a database in memory has none."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing

import pytest

from soakproof.agent.process import libc, sqlitecaches

ROWS = 20_000
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


def test_locks_of_a_database_outlast_being_looked_at(database, tmp_path):
    """Opening its file once more, and closing it, would end the process' own locks, and another could write."""
    database.execute("begin immediate")
    assert sqlitecaches.cached_bytes() is not None
    pid = os.fork()
    if not pid:
        other = sqlite3.connect(tmp_path / "visits.db", timeout=0)
        try:
            other.execute("begin immediate")
        except sqlite3.OperationalError:
            os._exit(7)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
    database.execute("rollback")
