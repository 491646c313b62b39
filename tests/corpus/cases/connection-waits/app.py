"""A page that looks something up before it is shown: an async function, as most pages are."""

import asyncio
import sys

from nicegui import ui


@ui.page("/")
async def index() -> None:
    await asyncio.sleep(0.01)
    ui.label("the weather: fine")


ui.run(port=int(sys.argv[1]), reload=False, show=False)
