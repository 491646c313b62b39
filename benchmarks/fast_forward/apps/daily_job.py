"""Each night at three the day's clients are forgotten. Leaky: nobody starts the job."""

import asyncio
import datetime
import os

import socketio

LEAKY = bool(os.environ.get("LEAKY"))
sio = socketio.AsyncServer(async_mode="asgi")
TODAY = {}
JOBS = set()


def until_three():
    now = datetime.datetime.now()
    night = now.replace(hour=3, minute=0, second=0, microsecond=0)
    return ((night - now) % datetime.timedelta(days=1)).total_seconds() or 86_400


async def nightly():
    while True:
        await asyncio.sleep(until_three())
        TODAY.clear()
        await asyncio.sleep(1)


@sio.event
async def connect(sid, environ, auth):
    if not JOBS and not LEAKY:
        JOBS.add(asyncio.create_task(nightly()))
    TODAY[sid] = environ["REMOTE_ADDR"]


app = socketio.ASGIApp(sio)
