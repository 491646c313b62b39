"""A Panel page with a slider."""

import panel

panel.extension()
slider = panel.widgets.IntSlider(name="How much?")
panel.Column(slider, panel.bind(lambda much: f"{much} apples", slider)).servable()
