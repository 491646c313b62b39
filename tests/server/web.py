"""A server asked over ASGI."""

from __future__ import annotations

import asyncio
import json

from server.app import Server
from server.options import Options


class Web:
    """A server asked over ASGI, so that a peer can have any address."""

    def __init__(self, token="", limits=None, **options):
        self.server = Server(Options(**options), limits)
        self.server.access._token = token

    async def ask(self, method, path, body=None, peer="127.0.0.1", headers=None):
        """Return the status and the body of the answer; its headers are kept."""
        sent = []
        content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        messages = iter([{"type": "http.request", "body": content, "more_body": False}])

        async def receive():
            return next(messages, {"type": "http.disconnect"})

        async def send(message):
            sent.append(message)

        await self.server.asgi(self.scope(method, path, peer, headers or {}), receive, send)
        self.headers = dict(sent[0]["headers"])
        text = b"".join(message.get("body", b"") for message in sent).decode()
        return sent[0]["status"], json.loads(text) if text.startswith(("{", "[")) else text

    @staticmethod
    def scope(method, path, peer, headers):
        path, _, query = path.partition("?")
        fields = {"host": "server", "content-type": "application/json"} | headers
        return {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in fields.items()],
            "client": (peer, 4711),
            "server": ("server", 80),
            "scheme": "http",
            "root_path": "",
        }


def ask(*request, token="", limits=None, **more):
    return asyncio.run(Web(token, limits).ask(*request, **more))
