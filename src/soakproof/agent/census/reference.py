"""What is worth reporting: whatever once differed from the first census.

The first census is the reference. A container or a type is reported from the first census on in which its size is
another, and ever after, as 0 when it is gone. There may be twenty thousand names, so the reference keeps of each name
only a hash, and the whole in two flat arrays; one that is gone by the second census can therefore not be named, which
costs nothing: what shrinks does not leak.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable

from ..process import pymalloc

_MASK = (1 << 64) - 1


class Reference:
    """The reference, and the names that are reported.

    ``own_blocks``: how many blocks of each size the memory of names takes: a text or a number each; the reference is
    constant.
    """

    def __init__(self) -> None:
        self.is_empty = True
        self.reported: set[str] = set()
        self._hashes = array("Q")
        self._sizes = array("d")
        self._at_rest: set[int] = set()
        self._asked: set[str] = set()
        self.own_blocks: dict[int, int] = {}

    def take_reference(self, sizes: dict[str, float]) -> None:
        """Make these sizes the reference; unknown names had 0."""
        pairs = sorted((hash(name) & _MASK, size) for name, size in sizes.items() if size)
        self._hashes = array("Q", (key for key, _ in pairs))
        self._sizes = array("d", (size for _, size in pairs))
        self.is_empty = False

    def is_first_asked(self, name: str) -> bool:
        """Return whether it is the first time that somebody asks about this name."""
        is_first = name not in self._asked
        if is_first:
            self._asked.add(name)
            pymalloc.add_blocks(self.own_blocks, (name,))
        return is_first

    def note_at_rest(self, names: Iterable[str]) -> None:
        """Remember that these were there at rest, empty or not: they outlive the clients that fill them."""
        new = set(map(hash, names)) - self._at_rest
        self._at_rest.update(new)
        pymalloc.add_blocks(self.own_blocks, new)

    def was_at_rest(self, name: str) -> bool:
        """Return whether it ever was there at rest."""
        return hash(name) in self._at_rest

    def size(self, name: str) -> float:
        """Return what the first census counted under a name."""
        key = hash(name) & _MASK
        at = bisect_left(self._hashes, key)
        return self._sizes[at] if at < len(self._hashes) and self._hashes[at] == key else 0.0

    def report(self, sizes: dict[str, float], also: Iterable[str] = ()) -> tuple[dict[str, float], list[str]]:
        """Return the sizes that are to be reported (``also`` from now on), and which are so for the first time."""
        differing = [name for name, size in sizes.items() if name not in self.reported and size != self.size(name)]
        new = sorted({*differing, *(name for name in also if name not in self.reported)})
        self.reported.update(new)
        pymalloc.add_blocks(self.own_blocks, new)
        return {name: sizes.get(name, 0.0) for name in self.reported}, new
