"""The Engine.IO and Socket.IO servers that live in the process: their registries, and their ping.

python-socketio 5 and python-engineio 4 are known by name; what another version adds to a server or its manager is
listed all the same, because every container among their attributes is.
"""

from __future__ import annotations

import gc
import itertools
import time
import weakref
from collections.abc import Iterable, Iterator
from typing import Any, Optional

from ..objects import frozen, instances, kinds, unreadable
from ..objects.instances import read
from ..objects.liveobjects import LiveObjects
from ..objects.storednames import names_in
from ..origin import loaded
from . import sweeps

LOOK_INTERVAL_S = 1.0
_SERVERS = {"engineio": "eio", "socketio": "sio"}
_PACKAGES = tuple(f"{package}." for package in _SERVERS)
_BASES = frozenset(("Server", "AsyncServer", "BaseServer"))
_CONSTANT = frozenset(("handlers", "namespace_handlers", "namespaces", "server_options", "transports", "_async"))
_LABELS = {"sio.environ": "environ", "sio._binary_packet": "_binary_packet"}
_NESTED = frozenset(("callbacks", "pending_connect", "pending_disconnect"))
_ALWAYS = (
    "eio.sockets", "manager.rooms", "manager.room_names", "manager.callbacks", "manager.pending_connect",
    "manager.pending_disconnect", "manager.eio_to_sid", "environ", "_binary_packet",
)  # fmt: skip

Registry = tuple[str, str, int]  # label, owner, entries


class Engines:
    """The servers found so far, held weakly, and the ping that is asked of them."""

    def __init__(self) -> None:
        self._servers: list[weakref.ref[Any]] = []
        self._ping: tuple[Optional[float], Optional[float]] = (None, None)
        self._first: dict[int, tuple[Any, Any]] = {}
        self._looked_s = float("-inf")
        self._frozen = 0

    def find(self, groups: Optional[Iterable[list[Any]]] = None) -> None:
        """Look for servers not known yet among the collected objects, and ask of them the ping that is wanted."""
        if all(loaded.module(name) is None for name in _SERVERS):
            return
        for group in LiveObjects().groups.values() if groups is None else groups:
            for thing in group if group and role_of(type(group[0])) else ():
                self._meet(thing)
        self._find_frozen()
        self._servers = [known for known in self._servers if known() is not None]
        self._apply_ping()

    def _find_frozen(self) -> None:
        """Look among what was frozen, once for each time that something is: it does not change."""
        count = gc.get_freeze_count() if frozen.is_frozen() else 0
        if count > self._frozen:
            for thing in frozen.find_frozen(lambda of: role_of(of) is not None):
                self._meet(thing)
        self._frozen = count

    def _meet(self, thing: Any) -> None:
        if not any(known() is thing for known in self._servers):
            unreadable.attempt(type(thing), self._know, thing)

    def _know(self, server: Any) -> None:
        self._servers.append(weakref.ref(server))

    def find_late(self) -> None:
        """Look for servers as long as none is known, at most once a second: counters are read while the load runs."""
        now_s = time.monotonic()
        if not self._servers and now_s - self._looked_s > LOOK_INTERVAL_S:
            self._looked_s = now_s
            self.find()

    def servers(self, role: str) -> Iterator[Any]:
        """Yield the servers of a role, ``eio`` or ``sio``."""
        for known in self._servers:
            server = known()
            if server is not None and role_of(type(server)) == role:
                yield server

    def describe(self) -> list[dict[str, Any]]:
        """Return what ``hello`` says of each Engine.IO server."""
        return [
            {
                "class": kinds.name_of_type(type(server)),
                "async_mode": kinds.plain_text(read(server, "async_mode")),
                "ping_interval_s": number(read(server, "ping_interval")),
                "ping_timeout_s": number(read(server, "ping_timeout")),
            }
            for server in self.servers("eio")
        ]

    # -- ping ---------------------------------------------------------------------------------------------------------

    def set_ping(self, interval_s: Optional[float], timeout_s: Optional[float]) -> dict[str, Optional[float]]:
        """Ask a ping of all servers, those to come included; None stands for what each had at first."""
        previous = next(self.servers("eio"), None)
        names = {"interval_s": "ping_interval", "timeout_s": "ping_timeout"}
        before = {key: number(read(previous, name)) for key, name in names.items()}
        self._ping = (interval_s, timeout_s)
        self._apply_ping()
        return before

    def _apply_ping(self) -> None:
        for server in self.servers("eio"):
            now = (number(read(server, "ping_interval")), number(read(server, "ping_timeout")))
            if None in now:
                continue
            first = self._first.setdefault(id(server), now)
            wanted = tuple(own if asked is None else asked for asked, own in zip(self._ping, first))  # noqa: B905 -- strict is of Python 3.10
            if wanted != now:
                instances.set_attribute(server, "ping_interval", wanted[0])
                instances.set_attribute(server, "ping_timeout", wanted[1])
                unreadable.attempt(type(server), sweeps.restart, server)

    def hurry_sweeps(self, wait: sweeps.Wait = time.sleep) -> int:
        """Have each server let go of closed sockets; return how many do.

        Without sockets its sweep is ended, as it iterates a copy of those that there were before.
        """
        servers = [*self.servers("eio")]
        return sum(bool(unreadable.attempt(type(server), _hurry_sweep, server, wait)) for server in servers)

    # -- registries ---------------------------------------------------------------------------------------------------

    def registries(self) -> dict[str, tuple[str, int]]:
        """Return ``{label: (owner, entries)}`` summed over all servers; the well-known ones always, 0 if empty."""
        found: dict[str, tuple[str, int]] = dict.fromkeys(_ALWAYS, ("", 0)) if self._servers else {}
        for holder, role in self._holders():
            for label, owner, entries in registries_of(holder, role):
                earlier = found.get(label, ("", 0))
                found[label] = (earlier[0] or owner, earlier[1] + entries)
        return found

    def label_of(self, owner: str) -> str:
        """Return the label of the registry that an owner path names, empty when it names none."""
        return next((label for label, (path, _) in self.registries().items() if path == owner), "")

    def containers(self, label: str) -> list[Any]:
        """Return the containers behind a label; for rooms the dicts of members, for nested ones those inside."""
        found: list[Any] = []
        for holder, role in self._holders():
            for name, thing in containers_of(holder):
                full = f"{role}.{name}"
                if label not in (full, _LABELS.get(full), "manager.room_names" if full == "manager.rooms" else None):
                    continue
                if label == "manager.rooms":
                    found.extend(memberships(thing))
                elif name in _NESTED or label == "manager.room_names":
                    found.extend(inside(thing))
                else:
                    found.append(thing)
        return [each for each in found if kinds.kind_of_type(type(each)) in kinds.CONTAINERS]

    def owned(self) -> Iterator[tuple[str, Any]]:
        """Yield ``(owner path, container)`` of the servers' own containers, of rooms those inside included."""
        for holder, _role in self._holders():
            for name, thing in containers_of(holder):
                owner = f"{kinds.name_of_type(type(holder))}.{name}"
                yield owner, thing
                if name == "rooms":
                    yield from ((owner, each) for each in room_containers(thing))

    def mark_seen(self, seen: set[int]) -> None:
        """Mark the servers' own containers as seen: they are reported here, under names of their own."""
        for holder, role in self._holders():
            for name, thing in containers_of(holder):
                seen.add(id(thing))
                if (role, name) == ("manager", "rooms"):
                    seen.update(id(each) for each in room_containers(thing))

    def _holders(self) -> Iterator[tuple[Any, str]]:
        for role in ("eio", "sio"):
            for server in self.servers(role):
                yield server, role
                manager = read(server, "manager") if role == "sio" else None
                if manager is not None:
                    yield manager, "manager"
        for package, role in _SERVERS.items():
            holder = loaded.attribute(f"{package}.async_server", "task_reference_holder")
            if type(holder) is set:
                yield holder, role


def registries_of(holder: Any, role: str) -> Iterator[Registry]:
    """Yield the registries among the attributes of a server or manager."""
    if type(holder) is set:
        package = {"eio": "engineio", "sio": "socketio"}[role]
        yield f"{role}.task_reference_holder", f"{package}.async_server:task_reference_holder", len(holder)
        return
    class_name = kinds.name_of_type(type(holder))
    for name, thing in containers_of(holder):
        label, owner = f"{role}.{name}", f"{class_name}.{name}"
        label = _LABELS.get(label, label)
        if label == "manager.rooms":
            yield label, owner, sum(map(len, memberships(thing)))
            yield "manager.room_names", owner, sum(kinds.count_entries(each) or 0 for each in inside(thing))
        elif name in _NESTED:
            yield label, owner, sum(kinds.count_entries(each) or 0 for each in inside(thing))
        else:
            yield label, owner, kinds.size_of(thing, kinds.kind_of_type(type(thing)))


def containers_of(holder: Any) -> list[tuple[str, Any]]:
    """Return ``(name, container)`` of those attributes of a server or manager that clients may fill.

    What the library's own code does not name was put there by the application, and is told as its own.
    """
    if type(holder) is set:
        return [("task_reference_holder", holder)]
    names = (name for name in names_in(type(holder), _PACKAGES) if name not in _CONSTANT)
    named = ((name, instances.read_plainly(holder, name)) for name in names)
    return [(name, thing) for name, thing in named if kinds.kind_of_type(type(thing)) in kinds.CONTAINERS]


def memberships(rooms: dict[str, Any]) -> list[dict[str, str]]:
    """Return the ``sid -> eio sid`` dict of every room; each sid has a room of its own, and all are in room None."""
    found = []
    for namespace in inside(rooms):
        for room in inside(namespace):
            inner = room if type(room) is dict else read(room, "_fwdm")
            if type(inner) is dict:
                found.append(inner)
    return found


def room_containers(rooms: dict[str, Any]) -> Iterator[Any]:
    """Yield the containers inside ``manager.rooms``: the rooms of a namespace, and both directions of each room."""
    for namespace in inside(rooms):
        yield namespace
        for room in inside(namespace):
            yield room
            yield from (thing for thing in (read(room, "_fwdm"), read(room, "_invm")) if thing is not None)


def _hurry_sweep(server: Any, wait: sweeps.Wait) -> bool:
    """Have a server let go of closed sockets, unless any is open; return whether it does."""
    if kinds.count_entries(read(server, "sockets")) == 0:
        sweeps.restart(server)
        return True
    return sweeps.hasten(server, wait)


def number(thing: Any) -> Optional[float]:
    """Return a plain number, None for anything else that stands in its place."""
    return thing if type(thing) is int or type(thing) is float else None


def inside(container: Any) -> list[Any]:
    """Return what a container holds, of a mapping the values; nothing of what is no container."""
    kind = kinds.kind_of_type(type(container))
    return kinds.entries_of(container, kind) if kind in kinds.CONTAINERS else []


def role_of(of: type) -> Optional[str]:
    """Return ``eio`` or ``sio`` if instances of this type are Engine.IO or Socket.IO servers."""
    for base in kinds.mro_of(of):
        name = kinds.name_of_type(base)
        if name.startswith(_PACKAGES):
            package, _, name = name.partition(".")
            if name.partition(":")[2] in _BASES:
                return _SERVERS[package]
    return None


def count_sockets(things: Iterable[Any]) -> int:
    """Return how many connection objects of Engine.IO are among these things, in a registry or out of it."""
    known = frozenset(map(id, _socket_types()))
    return sum(1 for thing in things if id(type(thing)) in known)


def _socket_types() -> tuple[type, ...]:
    places = (("engineio.socket", "Socket"), ("engineio.async_socket", "AsyncSocket"))
    return tuple(found for found in itertools.starmap(loaded.attribute, places) if kinds.is_of(found, type))
