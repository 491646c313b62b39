"""Load: Locust's side. `soakproof.load.orders` is what the conductor sees of it.

What Locust files use is imported from here: ``from soakproof.load import SocketIOUser``. It is loaded when asked for,
not before: Locust replaces the standard library's sockets by gevent's as soon as it is imported, which the conductor
must not live with.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from soakproof.load.clients.errors import (
        AnswerTimeoutError,
        ClientError,
        ConnectError,
        LostError,
        RefusedError,
        StatusError,
    )
    from soakproof.load.options import ClientOptions
    from soakproof.load.users.user import SocketIOUser
    from soakproof.load.users.websocketuser import WebSocketUser
    from soakproof.load.visit.errors import PageError, TakeError
    from soakproof.load.visit.placeholders import need_variables

__all__ = [
    "AnswerTimeoutError",
    "ClientError",
    "ClientOptions",
    "ConnectError",
    "LostError",
    "PageError",
    "RefusedError",
    "SocketIOUser",
    "StatusError",
    "TakeError",
    "WebSocketUser",
    "need_variables",
]

_HOMES = {
    "ClientOptions": "soakproof.load.options",
    "SocketIOUser": "soakproof.load.users.user",
    "WebSocketUser": "soakproof.load.users.websocketuser",
    "PageError": "soakproof.load.visit.errors",
    "TakeError": "soakproof.load.visit.errors",
    "need_variables": "soakproof.load.visit.placeholders",
}
_ERRORS = "soakproof.load.clients.errors"
# With users comes the worker, so that any Locust worker understands soakproof's orders.
_WORKER = "soakproof.load.processes.worker"


def __getattr__(name: str) -> Any:
    """Import what Locust files use, late."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name.endswith("User"):
        import_module(_WORKER)
    return getattr(import_module(_HOMES.get(name, _ERRORS)), name)
