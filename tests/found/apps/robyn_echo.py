"""A WebSocket of Robyn that says what it is told."""

import sys

from robyn import Robyn

app = Robyn(__file__)


@app.websocket("/ws")
async def echo(websocket: object) -> None:
    while True:
        await websocket.send_text(await websocket.receive_text())


app.start(host="127.0.0.1", port=int(sys.argv[1]))
