"""Pages that count their visitors, and one that shows how many there were."""

import sys

from nicegui import binding, ui


class Shop:
    visitors = binding.BindableProperty()

    def __init__(self) -> None:
        self.visitors = 0


shop = Shop()


@ui.page("/")
def index() -> None:
    shop.visitors += 1
    ui.label("welcome")


@ui.page("/visitors")
def visitors() -> None:
    ui.label().bind_text_from(shop, "visitors")


ui.run(port=int(sys.argv[1]), reload=False, show=False)
