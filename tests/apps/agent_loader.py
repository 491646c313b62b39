"""A framework: it loads the user's file by its path, under that path as its name, listed or not; stdin fills it."""

import importlib.util
import sys
from pathlib import Path

USERS = str(Path(__file__).parent / "agent_users_file.py")


def load(name, *, is_listed):
    spec = importlib.util.spec_from_file_location(name, USERS)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if is_listed:
        sys.modules[name] = module
    return module


loaded = load(sys.argv[1], is_listed=sys.argv[2] == "listed")
sys.stdout.write("ready\n")
sys.stdout.flush()
for line in sys.stdin:
    for _ in range(int(line)):
        loaded.remember()
    sys.stdout.write(f"{line.strip()} more\n")
    sys.stdout.flush()
