"""A parent with children of every kind: forked, spawned, and a command; prints their pids, then waits for stdin."""

import multiprocessing
import os
import subprocess
import sys


def wait(connection):
    connection.send(os.getpid())
    connection.recv()


def main():
    children = []
    for method in ("fork", "spawn"):
        context = multiprocessing.get_context(method)
        near, far = context.Pipe()
        process = context.Process(target=wait, args=(far,))
        process.start()
        children.append((near, process))
    command = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    pids = [near.recv() for near, _ in children]
    print(*pids, command.pid, flush=True)
    sys.stdin.readline()
    for near, process in children:
        near.send("end")
        process.join()
    command.communicate(b"\n")


if __name__ == "__main__":
    main()
