"""APScheduler drops what is older than ten minutes, every five, and calls no job that is more than a second late. Leaky: nobody starts it."""

import os
import time

import socketio
from apscheduler.schedulers.background import BackgroundScheduler

LEAKY = bool(os.environ.get("LEAKY"))
sio = socketio.AsyncServer(async_mode="asgi")
UPLOADS = {}
scheduler = BackgroundScheduler(timezone="UTC")


@scheduler.scheduled_job("interval", minutes=5)
def clean():
    old = time.time() - 600
    for sid, since in list(UPLOADS.items()):
        if since < old:
            UPLOADS.pop(sid, None)


if not LEAKY:
    scheduler.start()


@sio.event
async def connect(sid, environ, auth):
    UPLOADS[sid] = time.time()


app = socketio.ASGIApp(sio)
