"""Which tools there are, how each is installed, and what its lines tell."""

from __future__ import annotations

from typing import NamedTuple

BARE = "bare"


class Tool(NamedTuple):
    """A tool: the exact packages to be installed beside the server's own, and whether it tells lines."""

    packages: tuple[str, ...]
    tells_lines: bool


TOOLS = {
    BARE: Tool((), tells_lines=False),
    "tracemalloc": Tool((), tells_lines=True),
    "memray": Tool(("memray==1.20.0",), tells_lines=True),
    "objgraph": Tool(("objgraph==3.7.0",), tells_lines=False),
    "Pympler": Tool(("Pympler==1.1",), tells_lines=False),
    "guppy3": Tool(("guppy3==3.1.7",), tells_lines=False),
}
