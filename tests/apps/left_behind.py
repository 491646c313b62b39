"""What a visitor could have left in this process: for programs that are attached to by pid."""

import gc
import os
import sys
import threading
from pathlib import Path

NAME = "_soakproof_agent"


def look():
    """Return what there is of threads, descriptors, mapped files, import paths, modules, objects and hooks."""
    gc.collect()
    targets = [os.path.realpath(fd) for fd in Path("/proc/self/fd").iterdir()]
    return {
        "fds": sorted(target.partition(":")[0] for target in targets if not target.endswith("/fd")),
        "native_threads": len(list(Path("/proc/self/task").iterdir())),
        "pages": sum(is_page(line.split()) for line in Path("/proc/self/maps").read_text().splitlines()),
        "threads": sorted(thread.name for thread in threading.enumerate()),
        "path": list(sys.path),
        "importers": sorted(path for path in sys.path_importer_cache if "/soakproof-" in path),
        "modules": sorted(name for name in sys.modules if NAME in name),
        "main": sorted(vars(sys.modules["__main__"])),
        "objects": sorted({type(thing).__name__ for thing in gc.get_objects() if is_visitors(thing)}),
        "traced": [sys.gettrace() is not None, sys.getprofile() is not None, is_tracing()],
        "tools": [sys.monitoring.get_tool(tool) for tool in range(6)] if hasattr(sys, "monitoring") else [],
    }


def is_page(columns):
    """Whether a mapping is one page of nobody's that lies where a debugger put it."""
    low, _, high = columns[0].partition("-")
    return int(high, 16) - int(low, 16) == os.sysconf("SC_PAGESIZE") and int(low, 16) < 1 << 46 and len(columns) == 5


def is_visitors(thing):
    """Whether an object is the agent's: a hook, a function, a class, an instance."""
    return any(NAME in str(getattr(each, "__module__", "")) for each in (thing, type(thing)))


def is_tracing():
    """Whether allocations are traced."""
    return "tracemalloc" in sys.modules and sys.modules["tracemalloc"].is_tracing()
