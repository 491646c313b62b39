"""A hub with a task that sweeps for ever; visits are known to the loop alone, which is to call them tomorrow."""

import asyncio
import sys

DAY_S = 86_400


class Visit:
    """Is to end tomorrow."""

    def end(self):
        """End."""


class Hub:
    """Has a sweeper."""

    sweeper = None


HUB = Hub()


async def main():
    """Plan as many ends of visits as each line says."""
    loop = asyncio.get_running_loop()
    HUB.sweeper = loop.create_task(asyncio.sleep(DAY_S))
    print("ready", flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        for _ in range(int(line)):
            loop.call_later(DAY_S, Visit().end)
        print("done", flush=True)


asyncio.run(main())
