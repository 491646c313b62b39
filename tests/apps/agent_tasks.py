"""A program whose handler starts a task for each client, which waits in a library's coroutine for ever."""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "site-packages"))

import waiting


def connect(hub):
    asyncio.get_running_loop().create_task(waiting.watch(hub))


def dispatch(handler, hub):
    handler(hub)


async def main():
    hub = waiting.Hub()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while line := await asyncio.to_thread(sys.stdin.readline):
        for _ in range(int(line)):
            asyncio.get_running_loop().call_soon(dispatch, connect, hub)
            asyncio.get_running_loop().call_soon(waiting.greet, hub)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        sys.stdout.write(f"{line.strip()} more\n")
        sys.stdout.flush()


asyncio.run(main())
