"""A package run as a program."""

import argparse

import socketio
import uvicorn

from .hub import hub


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int)
    sio = socketio.AsyncServer(async_mode="asgi")
    sio.on("connect", lambda sid, environ: hub.enter(sid))
    uvicorn.run(socketio.ASGIApp(sio), port=parser.parse_args().port, log_level="warning")


main()
