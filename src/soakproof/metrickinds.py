"""What is measured: the kinds of metrics, and the unit each is counted in.

Metrics are named ``kind:name``: ``registry:app.ROOMS``, ``library:eio.sockets``, ``type:app.Session``,
``task:AsyncSocket._send_ping``, ``heap:objects``, ``heap:blocks``, ``heap:in_use_bytes``,
``heap:elsewhere_bytes``, ``heap:sqlite_bytes``, ``process:rss``, ``process:uss``, ``thread:total``, ``fd:total``,
``child:zombie``, ``map:file``, ``buffer:app.NOTES`` (bytes), ``blocks:64`` (pymalloc's of 49 to 64 bytes;
``blocks:large`` are those above 512).
"""

from __future__ import annotations

from typing import Literal, get_args

from soakproof.errors import RunFileError

Kind = Literal[
    "registry",
    "library",
    "container",
    "type",
    "task",
    "thread",
    "fd",
    "child",
    "map",
    "buffer",
    "heap",
    "blocks",
    "process",
]

KINDS: tuple[Kind, ...] = get_args(Kind)
CONTAINERS: tuple[Kind, ...] = ("registry", "library", "container")
IN_USE = "heap:in_use_bytes"  # what malloc has given out
ELSEWHERE = "heap:elsewhere_bytes"  # anonymous memory that is neither malloc's nor Python's nor a stack
USED_BY_C = (IN_USE, ELSEWHERE)
ALIGNMENT_BYTES, LARGEST_BLOCK_BYTES = 16, 512  # of pymalloc's size classes
CACHED = "heap:sqlite_bytes"  # what SQLite caches of its files' pages, which is not counted as in use
CLIENTS_METRIC = "library:eio.sockets"  # what Engine.IO holds of each client that is connected
UNITS: dict[Kind, str] = {
    "registry": "entries",
    "library": "entries",
    "container": "entries",
    "type": "objects",
    "task": "tasks",
    "thread": "threads",
    "fd": "fds",
    "child": "processes",
    "map": "mappings",
    "buffer": "bytes",
    "heap": "objects",
    "blocks": "blocks",
    "process": "bytes",
}


def kind_of(metric: str) -> Kind:
    """Return the kind in front of the colon of a metric's name."""
    kind = metric.partition(":")[0]
    if kind not in KINDS:
        raise RunFileError(f"metric {metric!r}: its kind is {kind!r}, need one of {', '.join(KINDS)}")
    return kind


def unit_of(metric: str) -> str:
    """Return the unit a metric is counted in."""
    if metric == "heap:blocks":
        return "blocks"
    return "bytes" if metric.endswith("_bytes") else UNITS[kind_of(metric)]
