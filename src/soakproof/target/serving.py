"""Serves a WSGI application, each client in a thread: ``python -m soakproof.target.serving module:attribute PORT``.

Werkzeug's server is what Flask-SocketIO runs on in threading mode, WebSockets included (``simple-websocket``).
"""

from __future__ import annotations

import logging
import sys

from werkzeug.serving import run_simple

from soakproof.target.loading import load


def main(reference: str, port: int, *, is_factory: bool) -> None:
    """Serve until the process is ended."""
    thing = load(reference)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    run_simple("127.0.0.1", port, thing() if is_factory else thing, threaded=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), is_factory="--factory" in sys.argv[3:])
