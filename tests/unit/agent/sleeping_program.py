"""A program that listens, and in which everything sleeps for ten minutes: threads, a queue, and a loop."""

import asyncio
import os
import queue
import socket
import sys
import threading
import time

MINUTES_S = 600.0


def tell(what):
    """Say that a sleep is over, and how long it was by this process' own clock."""
    os.write(1, f"{what} {time.monotonic() - BEGAN_S:.0f}\n".encode())  # in one piece, whoever else writes


def sleep():
    time.sleep(MINUTES_S)
    tell("sleep")
    time.sleep(1.0)
    tell("again")


def wait():
    threading.Event().wait(MINUTES_S)
    tell("event")
    threading.Event().wait(1.0)
    tell("later")


def get():
    try:
        queue.Queue().get(timeout=MINUTES_S)
    except queue.Empty:
        tell("queue")


async def main():
    await asyncio.sleep(MINUTES_S)
    tell("loop")
    await asyncio.sleep(MINUTES_S * 100)


BEGAN_S = time.monotonic()
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
for work in (sleep, wait, get):
    threading.Thread(target=work, daemon=True).start()
asyncio.run(main())
