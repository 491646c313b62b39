"""Libraries that load slowly, loaded when something of theirs is first used.

`scipy.stats`, matplotlib and python-socketio take more than a second of CPU between them, and nobody who asks for help
or mistypes an option shall wait for one. Import their modules from here.
"""

from __future__ import annotations

import threading
from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = ["backend_agg", "backend_svg", "figure", "load_meanwhile", "mpl", "packet", "stats", "ticker"]
NEEDED_BY_RUNS = ("scipy.stats", "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg")


class Late:
    """A module that is imported when it is first asked for something; the import system's own lock guards it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._name), name)


def load_meanwhile() -> None:
    """Load what every run comes to need while it waits for others, so that nobody waits for it later."""
    threading.Thread(target=lambda: [import_module(name) for name in NEEDED_BY_RUNS], name="loading").start()


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
