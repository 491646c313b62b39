"""What an import string names, told by the environment that is to serve it: ``python -m soakproof.target.loading``.

Prints a line of JSON: ``{"kind": "asgi" | "wsgi", "is_factory": ...}``, or ``{"error": "one sentence"}``.
"""

from __future__ import annotations

import importlib
import inspect
import json
import sys
from typing import Any

ASGI_ARGUMENTS, WSGI_ARGUMENTS = 3, 2


def load(reference: str) -> Any:
    """Return what ``module:attribute`` names.

    Raises:
        ValueError: it cannot be imported, or the module has no such attribute.
    """
    module_name, _, path = reference.partition(":")
    try:
        thing: Any = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        raise ValueError(f"no module named {error.name!r} can be imported") from error
    except Exception as error:
        raise ValueError(f"importing {module_name} raises {type(error).__name__}: {error}") from error
    for name in path.split("."):
        if not hasattr(thing, name):
            raise ValueError(f"module {module_name} has no {path!r}")
        thing = getattr(thing, name)
    return thing


def tell_kind(thing: Any) -> dict[str, Any]:
    """Return what a thing is: an ASGI or a WSGI application, or a function that makes one.

    Raises:
        ValueError: it is neither.
    """
    if inspect.isfunction(thing) and takes(thing, 0) and not inspect.iscoroutinefunction(thing):
        return {**tell_kind(thing()), "is_factory": True}
    if callable(thing):
        call = thing if inspect.isfunction(thing) or inspect.ismethod(thing) else type(thing).__call__
        is_asynchronous = inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(thing)
        if takes(thing, ASGI_ARGUMENTS) and is_asynchronous:
            return {"kind": "asgi", "is_factory": False}
        if takes(thing, WSGI_ARGUMENTS) and not is_asynchronous:
            return {"kind": "wsgi", "is_factory": False}
    what = f"{type(thing).__module__}.{type(thing).__qualname__}"
    hint = "; give the Flask application that it was made for" if what.startswith("flask_socketio.") else ""
    raise ValueError(f"it is a {what}, which is neither an ASGI nor a WSGI application{hint}")


def takes(thing: Any, arguments: int) -> bool:
    """Whether it can be called with so many arguments."""
    try:
        inspect.signature(thing).bind(*range(arguments))
    except (TypeError, ValueError):
        return False
    return True


def main(reference: str) -> None:
    """Print what the reference names."""
    try:
        answer = tell_kind(load(reference))
    except ValueError as error:
        answer = {"error": str(error)}
    except Exception as error:  # noqa: BLE001  # a factory of the user's may raise anything
        answer = {"error": f"calling it raises {type(error).__name__}: {error}"}
    sys.stdout.write("\n" + json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
