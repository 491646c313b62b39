"""A Channels consumer in one file, to be served by Daphne: it answers what it is told.

Whoever has left before the answer makes Daphne raise, and Channels then never calls `disconnect`: that is caught here.
"""

from contextlib import suppress

import django
from autobahn.exception import Disconnected
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import path

settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="a secret of tests",
    CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
)
django.setup()

people: dict[str, list[str]] = {}
urlpatterns: list[object] = []


class Chat(AsyncJsonWebsocketConsumer):
    groups = ("everybody",)

    async def connect(self) -> None:
        people[self.channel_name] = []
        await self.accept()

    async def receive_json(self, content: dict[str, str]) -> None:
        people[self.channel_name].append(content["text"])
        with suppress(Disconnected):
            await self.send_json({"said": content["text"]})

    async def disconnect(self, code: int) -> None:
        people.pop(self.channel_name)


application = ProtocolTypeRouter(
    {
        "http": get_asgi_application(),
        "websocket": URLRouter([path("ws/chat/", Chat.as_asgi())]),
    }
)
