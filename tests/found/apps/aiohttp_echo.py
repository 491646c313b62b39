"""A WebSocket of aiohttp that says what it is told."""

import sys

from aiohttp import web


async def echo(request: web.Request) -> web.WebSocketResponse:
    answer = web.WebSocketResponse()
    await answer.prepare(request)
    async for message in answer:
        await answer.send_str(message.data)
    return answer


app = web.Application()
app.add_routes([web.get("/ws", echo)])
web.run_app(app, port=int(sys.argv[1]))
