"""Bounds the body of every HTTP request, announced or not."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class _TooLargeError(Exception):
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
        taken_bytes = 0
        is_answered = False

        async def receive_counted() -> Message:
            nonlocal taken_bytes
            message = await receive()
            taken_bytes += len(message.get("body", b""))
            if taken_bytes > self._max_bytes:
                raise _TooLargeError
            return message

        async def send_noted(message: Message) -> None:
            nonlocal is_answered
            is_answered = True
            await send(message)

        try:
            await self._app(scope, receive_counted, send_noted)
        except _TooLargeError:
            if not is_answered:
                await self._refuse(send)

    async def _refuse(self, send: Send) -> None:
        body = f'{{"detail":"body of more than {self._max_bytes} bytes"}}'.encode()
        headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": body})
