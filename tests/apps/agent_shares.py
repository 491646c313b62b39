"""A program whose growth belongs to known owners; each line on stdin, a number, adds so many entries to each."""

import asyncio
import concurrent.futures
import sys
import types

ROOMS = {"lobby": [], "attic": []}
SESSIONS = {}
SEEN = []
PRICES = {}  # of atoms until now: no collector tracks it
RING = dict.fromkeys(range(8))
ANSWER = concurrent.futures.Future()


class Cart:
    """Has a list of its own, and a text."""

    def __init__(self, number):
        self.items = [float(number), float(number) + 0.5]
        self.note = f"a note on the cart of visitor {number}"


class Link:
    """Of a chain that hangs on its first link."""

    def __init__(self, following):
        self.following = following
        self.load = [0] * 50


CHAIN = Link(None)


class Step:
    """Of a chain that hangs on the class."""

    last = None

    def __init__(self, before):
        self.before = before


class Bus:
    """Copies its listeners whenever there is one more, so that nobody who goes through them is disturbed."""

    def __init__(self):
        self.listeners = ()

    def listen(self, callback):
        self.listeners = (*self.listeners, callback)


BUS = Bus()


async def wait_for_ever(number):
    """Keep a large local."""
    kept = bytearray(500)
    await asyncio.get_running_loop().create_future()
    return kept, number


class Lost:
    """Is held by nothing that Python knows, and holds more of Python's own things than there are of itself."""

    def __init__(self):
        self.seen = [[1000.5 * part, bytearray(8)] for part in range(3)]


def lose():
    """Take a reference that nobody will ever give back."""
    import ctypes

    seen = bytearray(300)

    def call_back():
        return seen

    for lost in (Lost(), call_back):
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(lost))


def add(number, tasks):
    """Add an entry to each."""
    global CHAIN  # noqa: PLW0603 -- what hangs on a module is the point
    SESSIONS[f"visitor-{number}"] = Cart(number)
    ROOMS["lobby"].append({"number": number})
    SEEN.append(number * 1000.5)
    PRICES[f"ware-{number}"] = number * 1.5 if number <= int(sys.argv[1]) else (number, [])
    RING[number % 8] = Cart(number)
    CHAIN = Link(CHAIN)
    tasks.append(asyncio.get_running_loop().create_task(wait_for_ever(number)))
    sys.modules[f"plugin_{number}"] = plugin = types.ModuleType(f"plugin_{number}")
    plugin.rooms = {number: [number * 1000.5]}
    ANSWER.add_done_callback(lambda done, number=number * 1000.5: None)
    Step.last = Step(Step.last)
    BUS.listen(lambda number=number * 1000.5: None)
    lose()


async def main():
    """Obey."""
    loop, number, tasks = asyncio.get_running_loop(), 0, []
    print("ready", flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        for _ in range(int(line)):
            number += 1
            add(number, tasks)
        await asyncio.sleep(0)
        print("done", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
