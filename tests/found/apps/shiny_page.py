"""A Shiny page with a slider."""

from shiny import App, Inputs, Outputs, Session, render, ui

page = ui.page_fluid(ui.input_slider("much", "How much?", 0, 10, 1), ui.output_text("said"))


def serve(input: Inputs, output: Outputs, session: Session) -> None:
    @render.text
    def said() -> str:
        return f"{input.much()} apples"


app = App(page, serve)
