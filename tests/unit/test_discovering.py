"""Registries are looked for once a warm-up wave shows them, and however late the target answers, before it settles."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any

import pytest

from soakproof.load.orders import Progress
from soakproof.measure.soak import Soak

CLIENTS = 200
OPENING = Progress(opened=138, open=138)
OPEN = Progress(opened=200, open=190)
OVER = Progress(opened=200, open=0, is_done=True)


def follow(*seen: Progress, phase: str = "warmup", index: int = 2) -> int:
    """Return how often registries were looked for while a wave was seen to be like this."""
    looked: list[dict[str, float]] = []

    def discover() -> dict[str, float]:
        looked.append({})
        return {}

    steps = iter(seen)
    soak: Any = Soak.__new__(Soak)
    clock = itertools.count()
    soak._clock = lambda: float(next(clock))
    soak._config = SimpleNamespace(tick=0.0, warmup=2)
    soak._load = SimpleNamespace(progress=lambda: next(steps), patience_s=60.0)
    soak._target = SimpleNamespace(check_alive=lambda: None)
    soak._narrator = SimpleNamespace(progress=lambda _opened, _open: None)
    soak._recorder = SimpleNamespace(tick=lambda _phase, _wave, _progress: None, discover=discover)
    soak._settler = SimpleNamespace(add_floor=lambda _floor: None)
    order: Any = SimpleNamespace(phase=phase, index=index, clients=CLIENTS)
    soak._follow(order)
    return len(looked)


@pytest.mark.parametrize(
    "seen",
    [(OPENING, OPEN, OVER), (OPENING, OVER), (OVER,)],
    ids=["while all are open", "over between two polls", "over before the first"],
)
def test_registries_are_looked_for_in_the_last_warmup_wave(seen: tuple[Progress, ...]) -> None:
    """A Taipy server took 0.6 s to answer, the wave was over by then, and nothing that it kept was awaited again."""
    assert follow(*seen) > 0


@pytest.mark.parametrize(("phase", "index"), [("warmup", 1), ("wave", 2), ("wave", 3)])
def test_in_no_other_wave(phase: str, index: int) -> None:
    """Before it some are not made yet, and after it a census under load costs what it tells."""
    assert follow(OPENING, OPEN, OVER, phase=phase, index=index) == 0
