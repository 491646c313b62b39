"""A model class for each request, which a registry keeps; the clean one makes each model once."""

from __future__ import annotations

from pydantic import BaseModel, create_model

from benchmarks.zoo.animal import Animal

MODELS: dict[str, type[BaseModel]] = {}


class Server(Animal):
    """Checks what clients send, one in ten."""

    EACH = 10

    async def serve(self, sid: str) -> None:
        """Check one greeting."""
        name = f"Greeting_{sid}" if self.is_leaky else "Greeting"
        if name not in MODELS:
            MODELS[name] = create_model(name, text=(str, ...))
        MODELS[name](text=sid)
