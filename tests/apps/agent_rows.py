"""A program whose rows lie in an in-memory database: memory of C code, which no allocator of Python's hands out."""

import sqlite3
import sys

database = sqlite3.connect(":memory:")
database.execute("create table visits (sid text, body text)")


def connect(number):
    sid = f"client-{number}"
    body = "x" * 100
    database.execute("insert into visits values (?, ?)", (sid, body))
    return len(body)


sys.stdout.write("ready\n")
sys.stdout.flush()
for line in sys.stdin:
    for number in range(int(line)):
        connect(number)
    sys.stdout.write(f"{line.strip()} more\n")
    sys.stdout.flush()
