"""A client of HTTP for each connection, which nobody closes; the clean one is closed when the connection ends."""

from __future__ import annotations

import asyncio

import aiohttp

from benchmarks.zoo.animal import Animal


class Server(Animal):
    """Asks another service for one client in ten."""

    EACH = 10

    def __init__(self, *, is_leaky: bool) -> None:
        super().__init__(is_leaky=is_leaky)
        self._service: asyncio.Server | None = None
        self._sessions: dict[str, aiohttp.ClientSession] = {}

    async def serve(self, sid: str) -> None:
        """Ask for the client, by a session of its own."""
        if self._service is None:
            self._service = await asyncio.start_server(answer, "127.0.0.1", 0)
        session = self._sessions[sid] = aiohttp.ClientSession()
        port = self._service.sockets[0].getsockname()[1]
        async with session.get(f"http://127.0.0.1:{port}/") as response:
            await response.read()

    async def part(self, sid: str) -> None:
        """Close the session."""
        if not self.is_leaky and sid in self._sessions:
            await self._sessions.pop(sid).close()


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Be the other service: answer requests until the client closes."""
    while await reader.readline():
        while (await reader.readline()).strip():
            pass
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await writer.drain()
    writer.close()
