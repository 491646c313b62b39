"""A server as old daemons are: forks twice, leaves the session, closes every descriptor, and listens."""

import os
import socket
import sys


def detach():
    if os.fork():
        os._exit(0)
    os.setsid()
    if os.fork():
        os._exit(0)
    os.closerange(0, 256)
    for _ in range(3):
        os.open(os.devnull, os.O_RDWR)


def main(port):
    detach()
    mine = [os.pipe() for _ in range(8)]  # whose numbers were the agent's before
    with socket.create_server(("127.0.0.1", port)) as server:
        while True:
            connection, _ = server.accept()
            for read_end, write_end in mine:
                os.write(write_end, b"!")
                assert os.read(read_end, 10) == b"!"
            connection.sendall(b"well")
            connection.close()


main(int(sys.argv[1]))
