"""A WebSocket of Tornado that says what it is told."""

import asyncio
import sys

from tornado.web import Application
from tornado.websocket import WebSocketHandler


class Echo(WebSocketHandler):
    def on_message(self, message: str) -> None:
        self.write_message(message)


async def main() -> None:
    Application([("/ws", Echo)]).listen(int(sys.argv[1]))
    await asyncio.Event().wait()


asyncio.run(main())
