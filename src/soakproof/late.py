"""Libraries that load slowly, loaded when something of theirs is first used.

`scipy.stats`, matplotlib and python-socketio take more than a second of CPU between them, and nobody who asks for help
or mistypes an option shall wait for one. Import their modules from here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = ["backend_agg", "backend_svg", "figure", "mpl", "packet", "stats", "ticker"]


class Late:
    """A module that is imported when it is first asked for something; the import system's own lock guards it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._name), name)


if TYPE_CHECKING:
    import matplotlib as mpl
    from matplotlib import figure, ticker
    from matplotlib.backends import backend_agg, backend_svg
    from scipy import stats
    from socketio import packet
else:
    mpl = Late("matplotlib")
    figure = Late("matplotlib.figure")
    ticker = Late("matplotlib.ticker")
    backend_agg = Late("matplotlib.backends.backend_agg")
    backend_svg = Late("matplotlib.backends.backend_svg")
    stats = Late("scipy.stats")
    packet = Late("socketio.packet")
