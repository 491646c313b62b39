"""What the agent allocates goes untraced, in its own thread and only while it works, on every Python."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

import soakproof
from soakproof.development import PYTHONS
from tests.programs import python_of

SCRIPT = """
import json, sys, threading, tracemalloc
sys.path.insert(0, sys.argv[1])
from agent.trace.unnoticed import Unnoticed, is_traced

class Thing:
    pass

def make(kept):
    kept.append(Thing())

tracemalloc.start(8)
unnoticed, before, during, elsewhere, after = Unnoticed(), [], [], [], []
unnoticed.find()
make(before)
with unnoticed:
    make(during)
    other = threading.Thread(target=make, args=(elsewhere,))
    other.start()
    other.join()
make(after)
from agent.trace.allocations import allocation_stack
print(json.dumps([bool(allocation_stack(kept[0])) for kept in (before, during, elsewhere, after)]))
"""


@pytest.mark.parametrize("minor", PYTHONS)
def test_what_the_agent_allocates_goes_untraced(minor: str) -> None:
    """What came before, in another thread and after is traced; only what the agent's thread made meanwhile is not."""
    python = python_of(minor)
    package = Path(soakproof.__file__).parent
    done = subprocess.run([python, "-c", SCRIPT, package], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [True, False, True, True]
