# ruff: noqa: ARG002, SLF001 -- a plant breaks a registry from within
"""The four cleanups, each turned off alone: entries leave by an explicit request only, as in a server that forgot.

A registry whose cleanup nobody wrote has no indexes for it either, so these are turned off with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from server.app import Server
from server.expiry import ExpiryIndex
from server.groups import Groups

_ENDLESS = 10**12


class _NoExpiry(ExpiryIndex[Any]):
    """An index that is never told, and never has anything due."""

    def set(self, key: Any, at_s: float) -> None:
        """Ignore it."""

    def pop_due(self, until_s: float, limit: int) -> Iterator[Any]:
        """Yield nothing."""
        return iter(())


class _NoGroups(Groups[Any]):
    """An index that is never told."""

    def add(self, group: Any, member: str) -> None:
        """Ignore it."""


def plant_broadcast_times(server: Server) -> None:
    """The time of each progress's last broadcast is kept for good."""
    registry: Any = server.collaboration.registries.broadcast_times
    registry._by_age = _NoExpiry()
    registry._limits = replace(server.limits, broadcast_times=_ENDLESS)
    registry.end = lambda _progress_id: None


def plant_document_states(server: Server) -> None:
    """Documents never grow stale: each is kept until somebody deletes it."""
    registry: Any = server.collaboration.registries.document_states
    registry._by_age = _NoExpiry()
    registry._by_project = _NoGroups()
    registry._limits = replace(server.limits, document_states=_ENDLESS)


def plant_document_locks(server: Server) -> None:
    """A lock outlives its holder's connection, and its own time, until somebody unlocks it."""
    registry: Any = server.collaboration.registries.document_locks
    registry._by_expiry = _NoExpiry()
    registry._held = _NoGroups()
    registry._limits = replace(server.limits, document_locks=_ENDLESS)


def plant_chat_sessions(server: Server) -> None:
    """Chat sessions never grow too old: each is kept until somebody deletes it."""
    registry: Any = server.collaboration.registries.sessions
    registry._by_age = _NoExpiry()
    registry._limits = replace(server.limits, sessions=_ENDLESS)


PLANTS = {
    "broadcast-times": plant_broadcast_times,
    "document-states": plant_document_states,
    "document-locks": plant_document_locks,
    "chat-sessions": plant_chat_sessions,
}
