"""A Channels consumer that says what it is told, and catches what Daphne raises for those who have left."""

from contextlib import suppress

import django
from autobahn.exception import Disconnected
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import URLRouter
from django.conf import settings
from django.urls import path

settings.configure(CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}})
django.setup()


class Chat(AsyncWebsocketConsumer):
    groups = ("everybody",)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        with suppress(Disconnected):
            await self.send(text_data=text_data)


application = URLRouter([path("ws", Chat.as_asgi())])
