"""Before Python 3.11 the cache of attribute look-ups is filled with the agent's names: none of the target's stays."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

import soakproof
from soakproof.agent.process.lookups import HALF, choose_names
from tests.programs import python_of

SCRIPT = """
import json, sys
sys.path.insert(0, sys.argv[1])
from agent.process.lookups import Lookups

class Handler:
    pass

handler, lookups, seen = Handler(), Lookups(), []
lookups.overwrite()
for turn in range(4):
    before = sys.getallocatedblocks()
    names = ["on_%d_%d" % (turn, number) for number in range(20_000)]  # each at an address of its own
    for name in names:
        getattr(handler, name, None)
    del names, name
    filled = sys.getallocatedblocks()
    lookups.overwrite()
    seen.append((filled - before, sys.getallocatedblocks() - before))
print(json.dumps(seen))
"""


@pytest.mark.parametrize("minor", ["3.9", "3.10"])
def test_no_name_of_the_targets_stays_in_the_cache_of_lookups(minor: str) -> None:
    """Names that were looked up once are kept by the hundred, and after it by none but a stray block."""
    python = python_of(minor)
    package = Path(soakproof.__file__).parent
    done = subprocess.run(
        [python, "-c", SCRIPT, package], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "1"}
    )
    rounds = json.loads(done.stdout)[1:]  # in the first one the look-ups make what they need themselves
    assert all(filled > 100 and abs(left) <= 5 for filled, left in rounds), rounds


def test_the_names_go_through_all_places() -> None:
    """One name for each value of the upper half of a place's number."""
    assert {hash(name) >> 6 & HALF - 1 for name in choose_names(hash)} == set(range(HALF))
