"""The drop modes: how clients leave. One table; a mode is chosen by its name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from soakproof.errors import ConfigError
from soakproof.load.drops.closing import Close, Graceful
from soakproof.load.drops.mode import DropMode

MODES: dict[str, DropMode] = {mode.name: mode for mode in (Graceful(), Close())}


def check_modes(names: Iterable[str]) -> None:
    """Refuse names that are no drop modes.

    Raises:
        ConfigError: one of them is none.
    """
    for name in names:
        if name not in MODES:
            near = difflib.get_close_matches(name, MODES, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(MODES)}"
            raise ConfigError(f"--drop {name!r}: no such drop mode; {hint}")
