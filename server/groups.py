"""An index of members by group, whose groups end with their last member."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from itertools import islice
from typing import Generic, TypeVar

Group = TypeVar("Group", bound=Hashable)


class Groups(Generic[Group]):
    """Group → its members, in the order in which they came."""

    def __init__(self) -> None:
        self._members: dict[Group, dict[str, None]] = {}

    def __contains__(self, group: object) -> bool:
        return group in self._members

    def __len__(self) -> int:
        return len(self._members)

    def add(self, group: Group, member: str) -> None:
        """Add a member, and its group if it is the first."""
        self._members.setdefault(group, {})[member] = None

    def discard(self, group: Group, member: str) -> bool:
        """Take a member out, known or not; return whether the group ended with it."""
        members = self._members.get(group)
        if members is None:
            return False
        members.pop(member, None)
        if members:
            return False
        del self._members[group]
        return True

    def members(self, group: Group) -> list[str]:
        """Return a group's members."""
        return list(self._members.get(group, ()))

    def size(self, group: Group) -> int:
        """Return how many members a group has."""
        return len(self._members.get(group, ()))

    def newest(self, limit: int) -> Iterator[Group]:
        """Yield up to ``limit`` groups, the newest first."""
        return islice(reversed(self._members), limit)
