"""What a process of the load uses, also when it has used up its descriptors."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import os, resource
from soakproof.load.processes.usage import open_fds, rss_bytes
few, rss = open_fds(), rss_bytes()
resource.setrlimit(resource.RLIMIT_NOFILE, (50, 50))
held = []
try:
    while True:
        held.append(os.open("/dev/null", os.O_RDONLY))
except OSError:
    print(few, open_fds(), rss, rss_bytes())
"""


def test_no_descriptor_is_left_to_look_with():
    """As many are open as may be, and memory is not known."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    few, most, before, after = map(int, done.stdout.split())
    assert few < 50 == most
    assert before > 0 == after
