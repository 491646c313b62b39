"""A program that keeps its sessions in what a library made, under names that it imported; each line adds some."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "site-packages"))

from reexporting import *  # noqa: F403
from reexporting import registry as kept

OWN = {}


class Session:
    def __init__(self):
        self.files = {}


sys.stdout.write("ready\n")
sys.stdout.flush()
for line in sys.stdin:
    for _ in range(int(line)):
        kept.sessions[len(kept.sessions)] = Session()
        contexts[len(contexts)] = OWN[len(OWN)] = 1.0  # noqa: F405
    sys.stdout.write(f"{line.strip()} more\n")
    sys.stdout.flush()
