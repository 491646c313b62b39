"""A program without an event loop that keeps things in remarkable ways; each line on stdin names one to do."""

import contextvars
import functools
import gc
import os
import socket
import sys
import threading
import weakref

ERRORS = []
FUNCTIONS = []
CONTEXTS = []
TRACE = contextvars.ContextVar("TRACE")
SOCKETS = []
RELEASE = threading.Event()


class Session:
    """What is kept."""

    def __init__(self):
        self.itself = self

    def close(self):
        self.itself = None


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
    raise ValueError("kept")


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


def keep_method():
    session = Session()
    session.itself = None
    FUNCTIONS.append(session.close)


def keep_generator():
    walker = walk(Session())
    next(walker)
    FUNCTIONS.append(walker)


def walk(session):
    yield session.itself
    yield session


def keep_context():
    session = Session()
    session.itself = None
    TRACE.set(session)
    CONTEXTS.append(contextvars.copy_context())


def keep_deadref():
    FUNCTIONS.append(weakref.ref(Session(), lambda _: None))
    gc.collect()


def keep_peer():
    listening = socket.create_server(("127.0.0.1", 0))
    SOCKETS.append(socket.create_connection(listening.getsockname()))
    SOCKETS.append(listening.accept()[0])
    print(listening.getsockname()[1], flush=True)
    listening.close()


def keep_pipe():
    os.pipe()


def keep_frozen():
    Session()
    gc.freeze()


def keep_socket():
    SOCKETS.append(socket.socket())


def keep_thread():
    threading.Thread(target=RELEASE.wait, name="waiter-7", daemon=True).start()


def keep_member():
    hall.rooms.setdefault(f"room {len(hall.rooms)}", Room()).members.add(object())


def main():
    kept = []
    print("ready", flush=True)
    for line in sys.stdin:
        kept.append(line)
        globals()[f"keep_{line.strip()}"]()
        print("done", flush=True)


if __name__ == "__main__":
    main()
