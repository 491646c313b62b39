"""Inputs that coverage leads to: atheris (libFuzzer) changes bytes, and hypothesis makes one input of each.

    python -m tests.faults.guided KIND INPUTS SEED DIRECTORY

A process for each batch, which libFuzzer ends, so that ``DIRECTORY`` is another's to remove; it prints what came of the
inputs as JSON. Lines of soakproof alone guide. Bytes that are too few for an input come to nothing.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from itertools import count
from pathlib import Path
from random import Random

import atheris
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

with atheris.instrument_imports(include=["soakproof"]):
    from tests.faults.inputs import FUZZED

LONGEST_BYTES = 4096
FIRST = 40  # inputs that it begins with


def main() -> None:
    """Have so many inputs of a kind read; a mistake ends the process with its traceback."""
    what, inputs, seed, directory = sys.argv[1:]
    read, _ = FUZZED[what]
    outcomes: Counter[str] = Counter()
    tried = count(1)

    @settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def fuzz(data: st.DataObject) -> None:
        outcomes.update([read(data.draw, Path(directory))])

    def try_one(data: bytes) -> None:
        fuzz.hypothesis.fuzz_one_input(data)  # type: ignore[attr-defined]
        if next(tried) == int(inputs):
            print(json.dumps(outcomes), flush=True)

    corpus = make_corpus(Path(directory) / "corpus", int(seed))
    options = [f"-runs={inputs}", f"-seed={seed}", f"-max_len={LONGEST_BYTES}", "-len_control=0", str(corpus)]
    atheris.Setup([sys.argv[0], *options], try_one)
    atheris.Fuzz()


def make_corpus(corpus: Path, seed: int) -> Path:
    """Write the inputs that are changed: long enough, and from the seed."""
    corpus.mkdir()
    random = Random(seed)
    for number in range(FIRST):
        (corpus / str(number)).write_bytes(random.randbytes(random.randrange(64, LONGEST_BYTES)))
    return corpus


if __name__ == "__main__":
    main()
