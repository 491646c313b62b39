"""Bounds the body of every HTTP request, announced or not."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyTooLargeError(Exception):
    """More came than may be taken."""


class BodyLimit:
    """ASGI middleware: answers 413 to a body of more than ``max_bytes``."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, counting its body as it comes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(receive, send, self._max_bytes)
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except BodyTooLargeError:
            await exchange.refuse()


class _Exchange:
    """One request and its answer."""

    def __init__(self, receive: Receive, send: Send, max_bytes: int) -> None:
        self._receive = receive
        self._send = send
        self._left_bytes = max_bytes
        self._is_answered = False

    async def receive(self) -> Message:
        """Receive a piece of the body. Raises BodyTooLargeError."""
        message = await self._receive()
        self._left_bytes -= len(message.get("body", b""))
        if self._left_bytes < 0:
            raise BodyTooLargeError
        return message

    async def send(self, message: Message) -> None:
        """Send the application's answer, unless it is about a body that it could not read to its end."""
        if self._left_bytes < 0:
            await self.refuse()
        else:
            self._is_answered = True
            await self._send(message)

    async def refuse(self) -> None:
        """Answer 413, if nothing has been answered yet."""
        if self._is_answered:
            return
        self._is_answered = True
        headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
        await self._send({"type": "http.response.start", "status": 413, "headers": headers})
        await self._send({"type": "http.response.body", "body": b'{"detail":"body too large"}'})
