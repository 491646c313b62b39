"""The same application with a dict of all visitors that none is ever taken out of."""

from nicegui import ui

visitors: dict[str, list[str]] = {}


@ui.page("/")
def index() -> None:
    basket: list[str] = []
    visitors[ui.context.client.id] = basket
    ui.label("What would you like?")
    ui.button("apples", on_click=lambda: basket.append("apples"))


ui.run()
