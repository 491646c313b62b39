"""Runs in the server's process: a thread that has another tool begin and report when it is asked on a socket.

PEERS_TOOL names the tool, PEERS_SOCKET the socket. A line "begin" or "report" is answered by one of JSON: the seconds
it took, and of a report the lines that the tool puts first.
"""

import json
import os
import socket
import threading
import time


def serve(path, tool):
    """Answer one connection after the other."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(path)
        listener.listen()
        while True:
            connection, _ = listener.accept()
            with connection, connection.makefile("rw") as stream:
                for line in stream:
                    stream.write(json.dumps(answer(tool, line.strip())) + "\n")
                    stream.flush()


def answer(tool, order):
    """Carry out one order."""
    started_s = time.perf_counter()
    try:
        lines = getattr(tool, order)() or []
    except Exception as error:  # what a tool cannot do is part of the answer
        return {"error": f"{type(error).__name__}: {error}", "lines": [], "seconds": time.perf_counter() - started_s}
    return {"lines": lines, "seconds": time.perf_counter() - started_s}


if "PEERS_TOOL" in os.environ:
    import peertools

    tool = peertools.TOOLS[os.environ.pop("PEERS_TOOL")]()
    threading.Thread(target=serve, args=(os.environ.pop("PEERS_SOCKET"), tool), daemon=True).start()
