"""The same page with a dict of all visitors' baskets, which outlives their states."""

import reflex as rx

baskets: dict[str, list[str]] = {}


class Basket(rx.State):
    items: list[str] = []

    @rx.event
    def look(self) -> None:
        baskets[self.router.session.client_token] = ["a flyer"]
        self.items = ["a flyer"]

    @rx.event
    def put(self, what: str) -> None:
        self.items.append(what)


def index() -> rx.Component:
    return rx.vstack(rx.text(Basket.items), rx.button("apples", on_click=Basket.put("apples")))


app = rx.App()
app.add_page(index, route="/", on_load=Basket.look)
