"""Addresses to connect from. One address has about 28,000 ports for one server, and a large wave needs more."""

from __future__ import annotations

PORTS_PER_SOURCE = 25_000  # of the 28,232 that Linux gives out by default (ip_local_port_range)


def choose_source(host: str, connections: int) -> str | None:
    """Return the address for the next connection after so many open ones: another loopback address when one is full.

    None leaves the choice to the kernel: while one address is enough, and wherever the server is not on loopback, since
    there only the machine's own addresses lead back to it.
    """
    number = connections // PORTS_PER_SOURCE
    if not number or not host.startswith("127."):
        return None
    return f"127.0.{number // 250}.{number % 250 + 1}"
