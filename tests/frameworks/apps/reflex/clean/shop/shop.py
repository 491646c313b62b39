"""A Reflex page with a basket, which is the visitor's state."""

import reflex as rx


class Basket(rx.State):
    items: list[str] = []

    @rx.event
    def look(self) -> None:
        self.items = ["a flyer"]

    @rx.event
    def put(self, what: str) -> None:
        self.items.append(what)


def index() -> rx.Component:
    return rx.vstack(rx.text(Basket.items), rx.button("apples", on_click=Basket.put("apples")))


app = rx.App()
app.add_page(index, route="/", on_load=Basket.look)
