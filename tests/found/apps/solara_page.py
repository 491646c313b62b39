"""A Solara page with a button."""

import solara

clicks = solara.reactive(0)


@solara.component
def Page() -> None:
    solara.Button(f"clicked {clicks.value} times", on_click=lambda: clicks.set(clicks.value + 1))
