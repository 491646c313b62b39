"""A program without an event loop that keeps things in remarkable ways; each line on stdin names one to do."""

import functools
import gc
import socket
import sys
import threading

ERRORS = []
FUNCTIONS = []
SOCKETS = []
RELEASE = threading.Event()


class Session:
    """What is kept."""

    def __init__(self):
        self.itself = self


class Room:
    def __init__(self):
        self.members = set()


class Hall:
    def __init__(self):
        self.rooms = {}


hall = Hall()


def fail():
    session = Session()
    session.itself = None
    raise ValueError("kept by its traceback")


def keep_traceback():
    try:
        fail()
    except ValueError as error:
        ERRORS.append(error)


def keep_cycle():
    gc.disable()
    Session()


def keep_closure():
    session = Session()
    session.itself = None
    FUNCTIONS.append(lambda: session)


def keep_partial():
    session = Session()
    session.itself = None
    FUNCTIONS.append(functools.partial(print, session))


def keep_socket():
    SOCKETS.append(socket.socket())


def keep_thread():
    threading.Thread(target=RELEASE.wait, name="waiter-7", daemon=True).start()


def keep_member():
    hall.rooms.setdefault("lobby", Room()).members.add(object())


def main():
    kept = []
    print("ready", flush=True)
    for line in sys.stdin:
        kept.append(line)
        globals()[f"keep_{line.strip()}"]()
        print("done", flush=True)


if __name__ == "__main__":
    main()
