"""Names a person would look for: what a framework has one keep; whose a package is; what a cache can hold."""

from __future__ import annotations

import sys
from collections import OrderedDict
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp.web import AppKey, Application
from flask import Flask
from socketio import AsyncManager, AsyncServer
from socketio.async_pubsub_manager import AsyncPubSubManager
from starlette.applications import Starlette

from soakproof.agent.census.walk import HOLDERS
from soakproof.agent.explain import statedlimits
from soakproof.agent.objects import cachebounds, kinds
from soakproof.agent.objects.attributes import Reader
from soakproof.agent.objects.liveobjects import LiveObjects
from soakproof.agent.origin import served
from soakproof.agent.process import engines


def parts(thing: Any) -> dict[str, Any]:
    """Return what a census reads off an object, by name."""
    read = Reader(kinds.Kinds()).attributes(type(thing), [thing], HOLDERS)
    return {name: values[0] for name, values in read}


def test_what_stands_on_a_frameworks_shelf_has_the_applications_name() -> None:
    """``app.state.rooms`` of Starlette, ``app["rooms"]`` of aiohttp, ``app.extensions`` of Flask."""
    starlette, aiohttp, flask = Starlette(), Application(), Flask("shop")
    starlette.state.rooms = aiohttp[AppKey("rooms", dict)] = flask.extensions["rooms"] = rooms = {"lobby": 1}
    assert parts(starlette)["state.rooms"] is rooms
    assert parts(aiohttp)["_state['rooms']"] is rooms
    assert parts(flask)["extensions['rooms']"] is rooms


def test_a_shelf_with_a_name_per_client_is_a_registry_itself() -> None:
    """Attributes put on ``app.state`` for each client are no names; nor is there a shelf on anything else."""
    starlette = Starlette()
    for number in range(100):
        setattr(starlette.state, f"client_{number}", [number])
    assert not any(name.startswith("state.") for name in parts(starlette))
    assert parts(SimpleNamespace(rooms=[])).keys() == {"rooms"}


def test_what_an_application_puts_on_the_library_is_its_own() -> None:
    """``sio.users = {}`` is no registry of python-socketio's; its own ones are, whatever the manager."""
    server, managers = AsyncServer(async_mode="asgi"), [AsyncManager(), AsyncPubSubManager()]
    server.users = {}
    names = [name for name, _ in engines.containers_of(server)]
    assert "environ" in names
    assert "users" not in names
    for manager in managers:
        assert {"rooms", "callbacks", "eio_to_sid"} <= {name for name, _ in engines.containers_of(manager)}


@pytest.mark.parametrize(
    ("arguments", "packages"),
    [
        (["python", "-m", "uvicorn", "shop.main:app", "--port", "80"], {"uvicorn", "shop"}),
        (["gunicorn", "-k", "uvicorn.workers.UvicornWorker", "shop:make_app()"], {"shop"}),
        (["python", "-m", "shop.server"], {"shop.server"}),
        (["python", "-c", "from multiprocessing.spawn import spawn_main", "http://127.0.0.1:80"], set()),
    ],
)
def test_the_package_that_is_served_is_read_off_the_command(arguments: list[str], packages: set[str]) -> None:
    """A reference to an application, or a module that is run, names it; options, workers and urls do not."""
    assert set(served.packages_in(arguments)) == packages


def test_an_installed_package_that_is_served_is_the_applications(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else lies in site-packages is a library's, the server's own package in particular."""
    monkeypatch.setattr(served, "_found", [])
    monkeypatch.setattr(served, "commands", lambda: iter([["uvicorn", "shop.main:app"], ["-m", "uvicorn"]]))
    monkeypatch.setenv("FLASK_APP", "till.web:create")
    assert served.is_served("/venv/lib/python3.11/site-packages/shop/main.py")
    assert served.is_served("/venv/lib/python3.11/site-packages/till/web.py")
    assert not served.is_served("/venv/lib/python3.11/site-packages/uvicorn/main.py")
    assert not served.is_served("/srv/shop/main.py")


def test_commands_of_the_ancestors_are_read() -> None:
    """The first command is this process' own."""
    assert next(served.commands())[0].rpartition("/")[2] == sys.orig_argv[0].rpartition("/")[2]


class Cache(dict):
    """Has the shape of cachetools' caches, and passes for one of its classes."""

    def __init__(self, size: Any) -> None:
        super().__init__()
        self._Cache__maxsize = size
        self._LRUCache__order: OrderedDict[str, None] = OrderedDict()

    @staticmethod
    def getsizeof(_value: object) -> int:
        """Weigh each entry as one."""
        return 1


Cache.__module__ = "cachetools"


class Hoard(Cache):
    """Never evicts."""

    def __setitem__(self, key: Any, value: Any) -> None:
        dict.__setitem__(self, key, value)


class Renamed(Cache):
    """Changes nothing that matters."""


def weighing(size: int) -> Cache:
    """Return a cache that counts something else than entries."""
    cache = Cache(size)
    cache.getsizeof = len  # type: ignore[assignment]
    return cache


@pytest.mark.parametrize(
    ("cache", "bound"),
    [(Cache(10), 10), (Renamed(20), 20), (Hoard(30), None), (weighing(40), None), (Cache(float("inf")), None)],
)
def test_a_cache_of_a_known_library_bounds_what_is_inside_of_it(cache: Cache, bound: int | None) -> None:
    """Its size is the bound, unless its entries are weighed, a subclass evicts in its own way, or it has none."""
    live = LiveObjects()
    path = "app:CACHE._LRUCache__order"
    assert cachebounds.bound_of_part(path, cache._LRUCache__order, live) == bound
    assert cachebounds.bound_of_part("app:CACHE.other", cache._LRUCache__order, live) is None
    assert cachebounds.bound_of_part(path, OrderedDict(), live) is None


class Recent(OrderedDict):
    """Says how much it holds at most."""

    def __init__(self, maxsize: int) -> None:
        super().__init__()
        self.maxsize = maxsize


class Shop:
    """Keeps a plain dict, and a limit beside it."""

    __slots__ = ("_capacity", "orders")

    def __init__(self, capacity: int) -> None:
        self._capacity, self.orders = capacity, {1: 1, 2: 2}


def test_a_claimed_size_is_told_and_not_believed() -> None:
    """Of the container, or of the object around it; one that is exceeded is told as such."""
    kept, full, shop, plain = Recent(10), Recent(1), Shop(5), {1: 2}
    kept.update(plain)
    full.update({1: 1, 2: 2})
    name = Recent.__module__
    advice = "declare it (max_items = {}) if it keeps to that, or soak until it is full."
    assert statedlimits.note_on_limit([kept]) == f"{name}.Recent has maxsize = 10; {advice.format(10)}"
    assert statedlimits.note_on_limit([full]) == f"{name}.Recent has maxsize = 1, and does not keep to it."
    assert statedlimits.note_on_limit([shop, shop.orders]) == f"{name}.Shop has _capacity = 5; {advice.format(5)}"
    assert statedlimits.note_on_limit([SimpleNamespace(maxsize="?"), plain]) is None
    assert statedlimits.note_on_limit([sys.modules[__name__], plain]) is None  # which has a global of such a name


capacity = 3
