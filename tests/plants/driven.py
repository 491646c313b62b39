"""A server with something planted, and clients that drive it, without a network."""

from __future__ import annotations

import asyncio
import subprocess
import sys

from server.app import Server
from server.limits import Limits
from server.options import Options
from server.plants import plant_all
from tests.server.world import LOOPBACK


class Driven:
    """A server on the real python-socketio, without a network; its clients come, work and go."""

    def __init__(self, *plants):
        limits = Limits(document_ttl_s=0, broadcast_ttl_s=0, session_ttl_hours=0, crawl_ttl_s=0, crawls=10_000)
        self.server = Server(Options(), limits)
        plant_all(self.server, plants)
        self.domain = self.server.collaboration
        self.registries = self.domain.registries
        self.manager = self.server.sio.manager

    async def visit(self, number, words="transport close"):
        """Let a client connect, do a bit of everything, and drop without cleaning up after itself."""
        eio_sid, sio = f"e{number}", self.server.sio
        await sio._handle_eio_connect(eio_sid, LOOPBACK)
        await sio._handle_eio_message(eio_sid, "0")
        ref = f'"project_id":"p","document_id":"d{number}"'
        edit = f'"id":"c","change_type":"content","data":"x","version":1,{ref}'
        for packet in (
            f'2["join_document_room",{{{ref}}}]',
            f'2["document_change",{{"change":{{{edit}}}}}]',
            f'2["lock_document",{{{ref},"duration":3600000}}]',
        ):
            await sio._handle_eio_message(eio_sid, packet)
        self.registries.sessions.create()
        self.domain.crawling.start("http://example.invalid", 1)
        await sio._handle_eio_disconnect(eio_sid, words)

    async def finish(self):
        """Wait until what runs by itself has ended, then clean up."""
        while self.domain.tasks.running:
            await asyncio.wait(list(self.domain.tasks.running))
        await self.domain.cleanup.run("schedule")


def run_python(code, *args):
    arguments = ["-c", code] if code else args
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()
