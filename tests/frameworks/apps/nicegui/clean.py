"""A NiceGUI application as a beginner writes it: a page with what a visitor has put together."""

from nicegui import ui


@ui.page("/")
def index() -> None:
    basket: list[str] = []
    ui.label("What would you like?")
    ui.button("apples", on_click=lambda: basket.append("apples"))


ui.run()
