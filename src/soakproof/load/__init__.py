"""Load: Locust's side. `soakproof.load.orders` is what the conductor sees of it.

``from soakproof.load import SocketIOUser`` is for Locust files. It is imported when asked for and not before: Locust
replaces the standard library's sockets by gevent's as soon as it is imported, which the conductor must not live with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from soakproof.load.users.user import SocketIOUser

__all__ = ["SocketIOUser"]


def __getattr__(name: str) -> Any:
    """Import what Locust files use, late."""
    if name != "SocketIOUser":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # Late, see above. With it comes the worker, so that any Locust worker understands soakproof's orders.
    from soakproof.load.processes import worker  # noqa: F401, PLC0415
    from soakproof.load.users.user import SocketIOUser  # noqa: PLC0415

    return SocketIOUser
