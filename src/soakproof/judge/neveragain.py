"""The proof that tasks will never run again, over the rest points of a run: what each census found of one coroutine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from soakproof.judge.restpoints import RestPoint, rest_points
from soakproof.samples import Run

FEWEST = 5


@dataclass(frozen=True)
class NeverAgain:
    """How many tasks of a coroutine were proven dead: before any load (``before``), and at each settled rest point.

    ``drained`` is the reading after the drain, or the last one again. ``dead`` of ``looked_at`` were at the last point:
    what is proven of a sample there is taken for all.
    """

    before: float
    proven: tuple[float, ...]
    drained: float
    dead: int
    looked_at: int

    @property
    def gained(self) -> float:
        """How many there are more at last than before any load."""
        return self.drained - self.before

    @property
    def is_growing(self) -> bool:
        """Whether there are several and more and more, of which none has ever gone: those could be cancelled after all.

        A number of them that came once, and stays, is a server's own.
        """
        has_more = len(self.proven) == 1 or self.proven[-1] > self.proven[0]
        return self.gained >= FEWEST and has_more and bool(np.all(np.diff([*self.proven, self.drained]) >= 0))


def find_never_again(name: str, run: Run) -> NeverAgain | None:
    """Return what was proven of a coroutine's tasks; None where nothing was at the last rest point."""
    points = [point for point in rest_points(run) if point.is_settled]
    loaded = [point for point in points if point.phase not in {"baseline", "drain"}]
    if not loaded or not _look(name, points[-1])[0]:
        return None
    before = sum(_prove(name, point) for point in points if point.phase == "baseline")
    return NeverAgain(
        before, tuple(_prove(name, point) for point in loaded), _prove(name, points[-1]), *_look(name, points[-1])
    )


def _look(name: str, point: RestPoint) -> tuple[int, int]:
    found = [sample.never_again.get(name, (0, 0)) for sample in point.samples.values()]
    return sum(dead for dead, _ in found), sum(of for _, of in found)


def _prove(name: str, point: RestPoint) -> float:
    """Return how many tasks of all are dead, by the share of those that were looked at."""
    proven = 0.0
    for sample in point.samples.values():
        dead, of = sample.never_again.get(name, (0, 0))
        proven += sample.metrics.get(f"task:{name}", 0.0) * dead / of if of else 0.0
    return round(proven, 6)
