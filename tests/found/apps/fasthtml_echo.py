"""A WebSocket of FastHTML that says what it is told."""

from fasthtml.common import Div, fast_app

app, rt = fast_app(exts="ws")


@app.ws("/ws")
async def echo(said: str, send):  # FastHTML gives its own by name where no type is said
    await send(Div(said, id="said"))
