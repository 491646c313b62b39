"""A program with a container in every place an application can keep one; each line on stdin adds an entry to each."""

import asyncio
import contextvars
import functools
import queue
import sys
import threading
import weakref
from collections import OrderedDict, UserDict, defaultdict, deque

ROOMS = {"lobby": [], "attic": []}
ATOMS: dict[str, float] = {}
ORDERED: OrderedDict = OrderedDict()
BY_USER = defaultdict(list)
RING = deque(maxlen=3)
SEEN = set()
FACTS = []
WATCHED = []  # weak references to what FACTS keeps
GONE = []  # weak references to what is gone
PAIR = ([], {})
FOREIGN = UserDict()
QUEUES = {"only": asyncio.Queue()}
CONTEXT: contextvars.ContextVar = contextvars.ContextVar("request_log")
TRAIL: contextvars.ContextVar = contextvars.ContextVar("trail", default=[])  # noqa: B039 -- the mistake under test
TO_COLLECT: queue.Queue = queue.Queue()
ALIVE = weakref.WeakSet()
BY_KEY: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()
LOCAL = threading.local()
LOCAL.seen = []
PARTIAL = functools.partial(list.append, [])
STEADY = {"never": "grows"}


class Hub:
    members: dict = {}  # noqa: RUF012  # a class attribute that leaks is the point

    def __init__(self):
        self.rooms = {}


class Fact:
    """What is kept by a list, and seen by a weak set too."""


class Desk:
    """Has drawers on a shelf, and knows the hub, which is no part of it for that."""

    def __init__(self, hub):
        self.drawers = {"top": 1}
        self.shelf = [self.drawers]
        self.hub = hub


class Slotted:
    __slots__ = ("__weakref__", "kept")

    def __init__(self):
        self.kept = []


class Sessions(dict):
    """A container that is a class of its own."""


class Proxy:
    """Must not be asked for anything: every question is an error of whoever asks."""

    def __getattribute__(self, name):
        sys.exit(f"foreign code was run: {name}")

    __len__ = __hash__ = __eq__ = __repr__ = __iter__ = __getattribute__


manager = Hub()
BY_KEY[manager] = []
PROXY = Proxy()
PROXIES = [PROXY]


@functools.lru_cache(maxsize=100)
def cached(key):
    return key


def defaulting(key, kept=[]):  # noqa: B006 -- the mistake under test
    kept.append(key)


def keyword_only(key, *, kept=[]):  # noqa: B006 -- the mistake under test
    kept.append(key)


def walk_along():
    passed = []
    while True:
        passed.append((yield))


WALKER = walk_along()
next(WALKER)


def make():
    seen, desks = [], []
    hidden, slotted, sessions = Hub(), Slotted(), Sessions()

    def handler(key):
        seen.append(key)
        hidden.rooms[key] = key
        slotted.kept.append(key)
        sessions[key] = key
        desks.append(Desk(manager))

    return handler


def remember(key):
    remember.keys.append(key)


remember.keys = []


def collect():
    """Keep what comes in this thread's own list; runs before anybody looks."""
    LOCAL.collected = []
    while True:
        LOCAL.collected.append(TO_COLLECT.get())
        TO_COLLECT.task_done()


async def listen(waited):
    waiting = []
    while True:
        waiting.append(await waited.get())


def ask(answer):
    """Say something, and return the next line: called in a thread, so that the loop is at rest when it is said."""
    print(answer, flush=True)
    return sys.stdin.readline()


async def main():
    kept = []
    CONTEXT.set([])
    threading.Thread(target=collect, name="collector", daemon=True).start()
    handlers = {"handler": make()}
    waited = asyncio.Queue()
    task = asyncio.create_task(listen(waited))
    await asyncio.sleep(0)  # until it waits, so that nothing changes any more
    number, answer = 0, "ready"
    while line := await asyncio.to_thread(ask, answer):
        for _ in range(int(line)):
            LOCAL.seen.append(number)
            number += 1
            add(number, f"key {number}", handlers["handler"], kept)
            TO_COLLECT.put(number)
            waited.put_nowait(number)
        TO_COLLECT.join()
        await asyncio.sleep(0)
        answer = "done"
    task.cancel()


def add(number, key, handler, kept):
    ROOMS["lobby"].append(key)
    ATOMS[key] = 1.0
    ORDERED[key] = [key]
    BY_USER[key].append(key)
    RING.append(key)
    SEEN.add(key)
    TRAIL.get().append(key)
    FACTS.append(Fact())
    ALIVE.add(FACTS[-1])
    WATCHED.append(weakref.ref(FACTS[-1]))
    GONE.append(weakref.ref(Fact()))
    BY_KEY[manager].append(key)
    PAIR[0].append(key)
    FOREIGN[key] = key
    QUEUES["only"].put_nowait(key)
    CONTEXT.get().append(key)
    Hub.members[key] = key
    manager.rooms[key] = {key}
    cached(key)
    defaulting(key)
    keyword_only(key)
    WALKER.send(key)
    PARTIAL(key)
    handler(key)
    remember(key)
    kept.append(key)


if __name__ == "__main__":
    asyncio.run(main())
