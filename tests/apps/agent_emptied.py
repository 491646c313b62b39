"""Three tables, emptied by a task, by a thread, and by a call of the loop's, when it is told to."""

import asyncio
import sys
import threading

BY_TASK = dict.fromkeys(range(10), 0.0)
BY_THREAD = dict.fromkeys(range(10), 0.0)
BY_CALL = list(range(10))
KEPT = dict.fromkeys(range(10), 0.0)
due = threading.Event()


async def sweep(is_due, is_done):
    await is_due.wait()
    for key in list(BY_TASK):
        del BY_TASK[key]
    is_done.set()


def clean():
    due.wait()
    while BY_THREAD:
        BY_THREAD.popitem()


def forget(forgotten):
    BY_CALL.clear()
    forgotten.set()


async def main():
    loop, is_due, is_done, forgotten = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event(), asyncio.Event()
    task = loop.create_task(sweep(is_due, is_done))
    thread = threading.Thread(target=clean, name="janitor")
    thread.start()
    print("ready", flush=True)
    await loop.run_in_executor(None, sys.stdin.readline)
    KEPT["more"] = 0.0
    due.set()
    is_due.set()
    loop.call_later(0.01, forget, forgotten)
    await is_done.wait()
    await loop.run_in_executor(None, thread.join)
    await asyncio.wait_for(forgotten.wait(), 10)
    print("done", flush=True)
    await task
    await loop.run_in_executor(None, sys.stdin.readline)


asyncio.run(main())
