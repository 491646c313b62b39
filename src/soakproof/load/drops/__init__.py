"""The drop modes: how clients leave. One table; a mode is chosen by its name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

from soakproof.errors import ConfigError
from soakproof.load.drops.abusing import Malformed, Oversize, PongFlood, Rejoin
from soakproof.load.drops.closing import Close, Graceful, Reconnect, Unacked
from soakproof.load.drops.cutting import MidBinary, MidCall, Reset, Storm
from soakproof.load.drops.handshake import HalfOpen, PageOnly, Reject, UpgradeAbort
from soakproof.load.drops.mode import DropMode
from soakproof.load.drops.silent import Polling, Vanish
from soakproof.load.drops.slow import SlowReader, StalledReader
from soakproof.load.options import ClientKind, Protocol, Serializer

MODES: dict[str, DropMode[Any]] = {
    mode.name: mode
    for mode in (
        Graceful(), Close(), Reset(), Vanish(), HalfOpen(), UpgradeAbort(), Reject(), MidBinary(), Unacked(), MidCall(),
        Polling(), Storm(), Reconnect(), Rejoin(), PageOnly(), Malformed(), Oversize(), PongFlood(),
        SlowReader(), StalledReader(),
    )
}  # fmt: skip


def check_modes(
    names: Iterable[str],
    client: ClientKind = "lean",
    serializer: Serializer = "default",
    protocol: Protocol = "socketio",
) -> None:
    """Refuse names that are no drop modes, and modes that the client cannot leave in.

    Raises:
        ConfigError: there is one among them.
    """
    for name in names:
        if name not in MODES:
            near = difflib.get_close_matches(name, MODES, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(MODES)}"
            raise ConfigError(f"--drop {name!r}: no such drop mode; {hint}")
        if protocol != "socketio" and not MODES[name].is_plain:
            plain = ", ".join(mode.name for mode in MODES.values() if mode.is_plain)
            raise ConfigError(f"--drop {name!r}: a plain WebSocket knows no such way to leave; there are {plain}")
        if client != "lean" and MODES[name].is_wire:
            raise ConfigError(f"--drop {name!r}: only the lean client can do that; need client = 'lean' in its options")
        if serializer == "msgpack" and name == MidBinary.name:
            raise ConfigError(
                f"--drop {name!r}: with msgpack, bytes are part of the packet, and there is no middle to leave in; "
                "leave the mode out"
            )


def check_held_modes(names: Iterable[str]) -> None:
    """Refuse the modes of clients that are never let in: held, they could do nothing.

    Raises:
        ConfigError: there is one among them.
    """
    for name in names:
        if not MODES[name].is_admitted:
            raise ConfigError(f"--held with --drop {name}: such clients are never let in, so they cannot stay and work")
