"""The settings of the allocator that could make a server keep less: those that this machine can give it."""

from __future__ import annotations

from pathlib import Path

from soakproof.trials import AS_IT_IS, Setting

JEMALLOC = "libjemalloc.so.2"
LIBRARIES = tuple(
    map(Path, ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib"))
)
ARENAS = Setting(name="MALLOC_ARENA_MAX=2", variables={"MALLOC_ARENA_MAX": "2"})
THRESHOLD = Setting(
    name="MALLOC_TRIM_THRESHOLD_=131072",
    variables={"MALLOC_TRIM_THRESHOLD_": "131072", "MALLOC_MMAP_THRESHOLD_": "131072"},
)
INSTALL_JEMALLOC = "jemalloc is not installed, and is left out: apt-get install libjemalloc2"


def find_settings() -> list[Setting]:
    """Return the settings, the server as it is first, then those that are the cheaper to live with."""
    jemalloc = find_jemalloc()
    preloaded = [Setting(name="jemalloc", variables={"LD_PRELOAD": str(jemalloc)})] if jemalloc else []
    return [Setting(name=AS_IT_IS), ARENAS, THRESHOLD, *preloaded]


def find_jemalloc() -> Path | None:
    """Return the library, None where it is not installed."""
    return next((folder / JEMALLOC for folder in LIBRARIES if (folder / JEMALLOC).exists()), None)
