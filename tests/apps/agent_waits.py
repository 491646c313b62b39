"""Tasks that wait: some for what nobody but they can reach, others for what somebody has. Prints what is proven.

With ``plain`` as argument tasks and futures are those of Python, which nest_asyncio chooses.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import weakref
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

from soakproof.agent.objects.liveobjects import LiveObjects
from soakproof.agent.process.neveragain import count_never_again

EACH = 6
TASKS = set()
LISTED = []
PENDING = {}
WEAKLY = weakref.WeakValueDictionary()
OWNERS = []
CALLS = []
AGES_S = 1000.0


class Owner:
    """Has one task, and may cancel it."""

    def __init__(self, task):
        self.task = task


async def for_ever():
    await asyncio.Event().wait()


async def dead_deep():
    await for_ever()


async def dead_future():
    await asyncio.get_running_loop().create_future()


async def dead_queue():
    await asyncio.Queue().get()


async def dead_gathered():
    await asyncio.gather(for_ever(), for_ever())


async def dead_listed():
    await asyncio.Event().wait()


async def asleep():
    await asyncio.sleep(AGES_S)


async def answered_later(number):
    PENDING[number] = asyncio.get_running_loop().create_future()
    await PENDING[number]


async def found_weakly(number):
    future = WEAKLY[number] = asyncio.get_running_loop().create_future()
    await future


async def called_back():
    future = asyncio.get_running_loop().create_future()
    CALLS.append(lambda: future.set_result(None))
    await future


async def timed_out():
    await asyncio.wait_for(limited(), AGES_S)


async def limited():
    await asyncio.Event().wait()


async def cancelled_by_timer():
    asyncio.get_running_loop().call_later(AGES_S, asyncio.current_task().cancel)
    await asyncio.Event().wait()


async def cancelled_by_owner():
    await asyncio.Event().wait()


async def parent():
    child = asyncio.get_running_loop().create_task(cancelled_by_parent())
    await asyncio.sleep(AGES_S)
    child.cancel()


async def cancelled_by_parent():
    await asyncio.Event().wait()


def start(coroutine):
    """Start a task, kept as the documentation of asyncio says."""
    task = asyncio.get_running_loop().create_task(coroutine)
    TASKS.add(task)
    task.add_done_callback(TASKS.discard)


def start_all():
    """Start so many of each kind."""
    loop = asyncio.get_running_loop()
    for number in range(EACH):
        for make in (dead_deep, dead_future, dead_queue, dead_gathered, asleep, called_back, timed_out, parent):
            start(make())
        start(cancelled_by_timer())
        start(answered_later(number))
        start(found_weakly(number))
        LISTED.append(loop.create_task(dead_listed()))
        OWNERS.append(Owner(loop.create_task(cancelled_by_owner())))


def look():
    """Return what is proven, as a census does."""
    gc.collect()
    return count_never_again(LiveObjects())


async def main():
    start_all()
    await asyncio.sleep(0.1)
    print(json.dumps(look()), flush=True)
    for future in PENDING.values():
        future.cancel()


if "plain" in sys.argv:
    asyncio.Task = asyncio.tasks.Task = asyncio.tasks._PyTask
    asyncio.Future = asyncio.futures.Future = asyncio.futures._PyFuture
asyncio.run(main())
