"""A program whose state goes by timers, hours after the client: a task that sleeps, a call; and a beat without end."""

import asyncio
import sys

PAGES = {}
SESSIONS = {}
VISITS = {}
BEATS = {}
TASKS = set()


class Page:
    def __init__(self):
        self.elements = {}


async def clear_on_timeout(sid):
    await asyncio.sleep(3600)
    PAGES.pop(sid, None)


async def beat(sid):
    while sid in BEATS:  # noqa: ASYNC110 -- what comes round for ever is the point
        await asyncio.sleep(3600)


def leave(number):
    page, session = f"page-{number:06}", f"session-{number:06}"
    PAGES[page], SESSIONS[session] = Page(), {"n": number}
    TASKS.add(asyncio.get_running_loop().create_task(clear_on_timeout(page)))
    asyncio.get_running_loop().call_later(3600, SESSIONS.pop, session, None)
    visit = f"visit-{number:06}"
    VISITS[visit] = {"n": number}
    asyncio.get_running_loop().call_later(3600, VISITS.pop, visit, None)
    visitor = f"visitor-{number:06}"
    BEATS[visitor] = Page()
    TASKS.add(asyncio.get_running_loop().create_task(beat(visitor)))


async def main():
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    number = 0
    while line := await asyncio.to_thread(sys.stdin.readline):
        for _ in range(int(line)):
            number += 1
            leave(number)
        for _ in range(-int(line)):
            del VISITS[next(iter(VISITS))]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        sys.stdout.write(f"{line.strip()} more\n")
        sys.stdout.flush()


if "uvloop" in sys.argv:
    import uvloop

    uvloop.install()
asyncio.run(main())
