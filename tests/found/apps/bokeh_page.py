"""A Bokeh application with a slider."""

from bokeh.io import curdoc
from bokeh.models import Slider

slider = Slider(start=0, end=10, value=1, title="How much?")
slider.on_change("value", lambda name, old, new: print(new))
curdoc().add_root(slider)
