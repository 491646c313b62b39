"""An attribute of the server's for each client, under a name that is made of its id; the clean one deletes it."""

from __future__ import annotations

from benchmarks.zoo.animal import Animal


class Server(Animal):
    """Notes what each client may do, on itself."""

    async def serve(self, sid: str) -> None:
        """Set an attribute."""
        setattr(self, f"rights_{sid}", "read")
        if not self.is_leaky:
            delattr(self, f"rights_{sid}")
