"""A program whose rows lie in an in-memory database: memory of C code, which no allocator of Python's hands out."""

import sqlite3
import sys
import threading

database = sqlite3.connect(":memory:")
database.execute("create table visits (sid text, body text)")


def connect(number):
    sid = f"client-{number}"
    body = "x" * 100
    database.execute("insert into visits values (?, ?)", (sid, body))
    return len(body)


def spin():
    turns = 0
    while True:
        turns += 1
        turns -= 1


sys.stdout.write("ready\n")
sys.stdout.flush()
for line in sys.stdin:
    if line == "spin\n":
        threading.Thread(target=spin, daemon=True).start()
    else:
        for number in range(int(line)):
            connect(number)
    sys.stdout.write(f"{line.strip()} more\n")
    sys.stdout.flush()
