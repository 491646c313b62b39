"""A class for each message, in its base's registry; the clean one makes each class once."""

from __future__ import annotations

from typing import ClassVar

from benchmarks.zoo.animal import Animal


class Message:
    """A message; all kinds of it are known by name."""

    kinds: ClassVar[dict[str, type[Message]]] = {}

    def __init_subclass__(cls) -> None:
        Message.kinds[cls.__name__] = cls


class Server(Animal):
    """Welcomes clients by a message."""

    async def serve(self, sid: str) -> None:
        """Make the message."""
        name = f"Welcome_{sid}" if self.is_leaky else "Welcome"
        kind = Message.kinds.get(name) or type(name, (Message,), {})
        kind()
