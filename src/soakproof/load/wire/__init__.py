"""Protocols without I/O: bytes in, packets out, and back. Nothing here touches a socket, a clock or a greenlet."""
