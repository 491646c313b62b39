"""By how much the growth falls once an animal of the zoo is mended: its two sides, as `soakproof verify` sees them.

    python -m benchmarks.accuracy.mends      of all animals of which both runs are kept (make accuracy ONLY='zoo*')

The clean side is the leaky one without its mistake, under the same plan: what `soakproof verify` soaks again.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.accuracy.animals import ANIMALS
from benchmarks.accuracy.cases import Case, animal, tame
from benchmarks.accuracy.soaking import folder_of, name_run
from soakproof.judge import judge_run
from soakproof.mending import verify_mend
from soakproof.runfile import load_run
from soakproof.wording.numbers import say_interval

MOST_ROUNDS = 100


class Fall(NamedTuple):
    """An animal, its first culprit, the outcome of verifying it, and by which part of itself the growth fell."""

    animal: str
    culprit: str
    outcome: str
    fell_share: float
    after: str


def newest_kept(case: Case) -> Path | None:
    """Return the file of the last run of a case that is on this machine, None where there is none."""
    files = (folder_of(name_run(case, number)) / "run.jsonl" for number in range(MOST_ROUNDS, 0, -1))
    return next((file for file in files if file.exists()), None)


def find_falls() -> Iterator[Fall]:
    """Yield the animals of which both sides were soaked."""
    for name, truth in ANIMALS.items():
        leaky, clean = newest_kept(animal(name, truth)), newest_kept(tame(name))
        if leaky and clean:
            verification = verify_mend(judge_run(load_run(leaky)), load_run(clean))
            if verification.culprits:
                first = verification.culprits[0]
                after = say_interval(first.after_ci, first.unit)
                yield Fall(name, first.metric, verification.verdict, first.fell_share, after)


def main() -> None:
    """Print them, and the median."""
    falls = list(find_falls())
    for fall in falls:
        print(f"{fall.animal}: {fall.outcome}, {fall.culprit} fell by {fall.fell_share:.1%}, to {fall.after}")  # noqa: T201
    if falls:
        print(f"median of {len(falls)}: {median(fall.fell_share for fall in falls):.1%}")  # noqa: T201


if __name__ == "__main__":
    main()
