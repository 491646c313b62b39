"""A Flet application with a button, served to browsers."""

import flet


async def main(page: flet.Page) -> None:
    page.add(flet.Text("What would you like?"))


app = flet.run(main, export_asgi_app=True)
