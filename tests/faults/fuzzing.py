"""``make fuzz``: a hundred thousand made-up inputs, in batches that go on where they were stopped, kept as data."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.faults.attempts import FILE as ATTEMPTS
from tests.faults.attempts import read_attempts
from tests.faults.batches import FILE, Batch, read_batches, rows_of, write_batch
from tests.faults.inputs import FUZZED
from tests.faults.page import write_page

BATCH = 250
ENOUGH = 100_000


def main() -> int:
    """Try the batches that are not kept yet, as far as the time goes; red where there was a mistake."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=ENOUGH, help="how many, of all kinds together")
    parser.add_argument("--minutes", type=float, default=600, help="begin no batch after so long")
    options = parser.parse_args()
    ends_s = time.monotonic() + 60 * options.minutes
    kept = {(batch.what, batch.number): batch for batch in read_batches(FILE)}
    for what, number in plan(options.inputs):
        if time.monotonic() > ends_s:
            break
        if (what, number) not in kept or kept[what, number].mistake:
            batch = kept[what, number] = try_batch(what, number)
            write_batch(FILE, batch)
    for what, inputs, outcomes, mistakes in rows_of(kept.values()):
        print(f"{what}: {inputs} inputs: {outcomes}; {mistakes} mistakes")
    write_page(read_attempts(ATTEMPTS))
    return 1 if any(batch.mistake for batch in kept.values()) else 0


def plan(inputs: int) -> Iterator[tuple[str, int]]:
    """Yield kinds and numbers of batches, the kinds by turns."""
    batches = {what: round(inputs * share / BATCH) for what, (_, share) in FUZZED.items()}
    for number in range(max(batches.values())):
        yield from ((what, number) for what, most in batches.items() if number < most)


def try_batch(what: str, number: int) -> Batch:
    """Make inputs up from the batch's own seed, and have them read."""
    began_s, mistake = time.monotonic(), ""
    outcomes: Counter[str] = Counter()
    try:
        run_inputs(what, BATCH, zlib.crc32(f"{what} {number}".encode()), outcomes.update)
    except Exception as error:  # noqa: BLE001 -- any is a mistake, and kept
        place = traceback.format_tb(error.__traceback__)[-1].strip()
        notes = " ".join(getattr(error, "__notes__", ()))
        mistake = f"{place} {type(error).__name__}: {str(error)[:300]} {notes[:1000]}"
    return Batch(what, number, sum(outcomes.values()), dict(outcomes), round(time.monotonic() - began_s, 1), mistake)


def run_inputs(what: str, inputs: int, seed: int | None, note: Callable[[list[str]], None]) -> None:
    """Have so many inputs of a kind read; ``note`` hears what came of each."""
    read, _ = FUZZED[what]
    with tempfile.TemporaryDirectory(prefix="fuzz-") as directory:

        @settings(
            max_examples=inputs,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate, Phase.shrink],
            print_blob=True,
        )
        @given(st.data())
        def fuzz(data: st.DataObject) -> None:
            note([read(data.draw, Path(directory))])

        (fuzz if seed is None else hypothesis.seed(seed)(fuzz))()


if __name__ == "__main__":
    sys.exit(main())
