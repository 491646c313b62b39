"""``make fuzz``: a hundred thousand made-up inputs, in batches that go on where they were stopped, kept as data.

Hypothesis makes most of them up; in a part of the batches atheris changes bytes so that more lines of soakproof run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import traceback
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.faults.attempts import FILE as ATTEMPTS
from tests.faults.attempts import read_attempts
from tests.faults.batches import FILE, Batch, read_batches, rows_of, write_batch
from tests.faults.inputs import FUZZED
from tests.faults.page import write_page

BATCH, GUIDED_BATCH = 250, 1000
ENOUGH, ENOUGH_GUIDED = 100_000, 20_000
GUIDED = ", guided by coverage"
LONGEST_S = 1200.0
ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Try the batches that are not kept yet, as far as the time goes; red where there was a mistake."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=ENOUGH, help="how many, of all kinds together")
    parser.add_argument("--guided", type=int, default=ENOUGH_GUIDED, help="how many beyond those coverage leads to")
    parser.add_argument("--minutes", type=float, default=600, help="begin no batch after so long")
    options = parser.parse_args()
    ends_s = time.monotonic() + 60 * options.minutes
    kept = {(batch.what, batch.number): batch for batch in read_batches(FILE)}
    planned = chain(plan(options.inputs, BATCH), plan(options.guided, GUIDED_BATCH, GUIDED))
    for what, number in planned:
        if time.monotonic() > ends_s:
            break
        if (what, number) not in kept or kept[what, number].mistake:
            try_it = try_guided if what.endswith(GUIDED) else try_batch
            batch = kept[what, number] = try_it(what, number)
            write_batch(FILE, batch)
    for what, inputs, outcomes, mistakes in rows_of(kept.values()):
        print(f"{what}: {inputs} inputs: {outcomes}; {mistakes} mistakes")
    write_page(read_attempts(ATTEMPTS))
    return 1 if any(batch.mistake for batch in kept.values()) else 0


def plan(inputs: int, size: int, ending: str = "") -> Iterator[tuple[str, int]]:
    """Yield kinds and numbers of batches of a size, the kinds by turns."""
    batches = {f"{what}{ending}": round(inputs * share / size) for what, (_, share) in FUZZED.items()}
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


def try_guided(what: str, number: int) -> Batch:
    """Have inputs read to which coverage leads, in a process of their own."""
    began_s, seed = time.monotonic(), zlib.crc32(f"{what} {number}".encode())
    with tempfile.TemporaryDirectory(prefix="fuzz-") as directory:
        words = [what.removesuffix(GUIDED), str(GUIDED_BATCH), str(seed % 2**31), directory]
        done = subprocess.run(
            [sys.executable, "-m", "tests.faults.guided", *words],
            check=False,
            cwd=directory,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=LONGEST_S,
        )
    told = [line for line in done.stdout.splitlines() if line.startswith("{")]
    _, raised, where = done.stdout.partition("Uncaught Python exception")
    mistake = "" if told and done.returncode == 0 else f"{raised}{where or done.stderr}"[:1300]
    outcomes = json.loads(told[-1]) if told else {}
    return Batch(what, number, GUIDED_BATCH, outcomes, round(time.monotonic() - began_s, 1), mistake)


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
