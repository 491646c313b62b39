"""A marimo notebook served as an application."""

import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo

    slider = mo.ui.slider(0, 10)
    slider
    return mo, slider


@app.cell
def _(slider):
    slider.value
    return
