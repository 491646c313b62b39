"""Which wave of how many begins, as the person who waits is told."""

from __future__ import annotations

from collections import Counter
from typing import Protocol

from soakproof.samples import Phase

BEYOND_THE_PLAN: dict[Phase, str] = {"trace": "second pass", "again": "the load again"}


class Narrates(Protocol):
    """Tells the person who waits where the run is."""

    def phase(self, name: str) -> None:
        """Say that a phase begins."""

    def wave(self, index: int, total: int) -> None:
        """Say that a wave begins."""


class WaveNumbers:
    """Counts the waves that are told of: the planned ones with those by which a run is extended, and the second pass'.

    Orders are numbered on through steady phase, drain and second pass; the numbers told are those of waves alone.
    """

    def __init__(self, narrator: Narrates, planned: int) -> None:
        self._narrator = narrator
        self._planned = planned
        self._begun: Counter[Phase] = Counter()

    def plan(self, waves: int) -> None:
        """Know of so many waves that are to come; beyond the planned ones they raise the total."""
        self._planned = max(self._planned, self._of_plan() + waves)

    def tell(self, phase: Phase) -> None:
        """Say that a wave begins."""
        self._begun[phase] += 1
        if phase in BEYOND_THE_PLAN:
            self._narrator.phase(f"{BEYOND_THE_PLAN[phase]}, wave {self._begun[phase]}")
        else:
            self._narrator.wave(self._of_plan(), self._planned)

    def _of_plan(self) -> int:
        return sum(self._begun[phase] for phase in ("warmup", "wave", "held"))
