# ruff: noqa: SLF001 -- a plant breaks a registry from within
"""The four cleanups, each turned off alone: entries leave by an explicit request only, as in a server that forgot.

What would remove an entry loses it from its indexes instead, so that the registry is the one place where it is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from server.app import Server
from server.expiry import ExpiryIndex
from server.plants.hooks import count_clients
from server.plants.share import ALL

_ENDLESS = 10**12


class _Forgetful(ExpiryIndex[Any]):
    """Finds no more what ``forgets(key)`` says: such an entry is never due again."""

    def __init__(self, forgets: Callable[[Any], bool]) -> None:
        super().__init__()
        self._forgets = forgets

    def pop_due(self, until_s: float, limit: int) -> Iterator[Any]:
        """Yield the others."""
        return (key for key in super().pop_due(until_s, limit) if not self._forgets(key))


def plant_broadcast_times(server: Server, rate: float = ALL) -> None:
    """The time of each progress's last broadcast is kept for good."""
    registry: Any = server.collaboration.registries.broadcast_times
    share, end = count_clients(server, rate), registry.end
    # Whether a time is kept is decided once, when its progress has ended; until then none grows too old.
    registry._by_age = _Forgetful(lambda _: True)
    registry._limits = replace(server.limits, broadcast_times=_ENDLESS)
    registry.end = lambda progress_id: registry._by_age.discard(progress_id) if share.take() else end(progress_id)


def plant_document_states(server: Server, rate: float = ALL) -> None:
    """Documents never grow stale: each is kept until somebody deletes it."""
    registry: Any = server.collaboration.registries.document_states
    share = count_clients(server, rate)

    def forgets(key: tuple[str, str]) -> bool:
        is_kept: bool = not registry._is_in_use(key) and share.take()
        if is_kept:
            registry._by_project.discard(*key)
        return is_kept

    registry._by_age = _Forgetful(forgets)
    registry._limits = replace(server.limits, document_states=_ENDLESS)


def plant_document_locks(server: Server, rate: float = ALL) -> None:
    """A lock outlives its holder's connection, and its own time, until somebody unlocks it."""
    registry: Any = server.collaboration.registries.document_locks
    share, held_by = count_clients(server, rate), registry._held.members

    def forgets(document_id: str) -> bool:
        is_kept = share.take()
        if is_kept:
            registry._by_expiry.discard(document_id)
            registry._held.discard(registry.document_locks[document_id].sid, document_id)
        return is_kept

    registry._by_expiry = _Forgetful(forgets)
    registry._held.members = lambda sid: [document_id for document_id in held_by(sid) if not forgets(document_id)]
    registry._limits = replace(server.limits, document_locks=_ENDLESS)


def plant_chat_sessions(server: Server, rate: float = ALL) -> None:
    """Chat sessions never grow too old: each is kept until somebody deletes it."""
    registry: Any = server.collaboration.registries.sessions
    share = count_clients(server, rate)
    registry._by_age = _Forgetful(lambda _: share.take())
    registry._limits = replace(server.limits, sessions=_ENDLESS)


PLANTS = {
    "broadcast-times": plant_broadcast_times,
    "document-states": plant_document_states,
    "document-locks": plant_document_locks,
    "chat-sessions": plant_chat_sessions,
}
