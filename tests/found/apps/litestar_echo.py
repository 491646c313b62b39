"""A WebSocket of Litestar that says what it is told."""

from litestar import Litestar
from litestar.handlers import websocket_listener


@websocket_listener("/ws")
async def echo(data: str) -> str:
    return data


app = Litestar([echo])
