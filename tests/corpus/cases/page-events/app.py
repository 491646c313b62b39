"""A page with an event of its own: who clicks tells what is to be counted."""

import sys

from nicegui import Event, ui


@ui.page("/")
def index() -> None:
    clicks: list[str] = []
    clicked = Event()
    clicked.subscribe(lambda: clicks.append("click"))
    ui.button("click", on_click=clicked.emit)


ui.run(port=int(sys.argv[1]), reload=False, show=False)
