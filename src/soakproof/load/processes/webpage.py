"""Locust's own web page while a soak runs, with a tab that tells of the target's memory (``--ui``).

It is served on this machine alone, and who looks on steers nothing: the run has its orders.

Source: Locust's documentation, "Extending Locust", for tabs, tables and their rows.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from typing import Any

import gevent
from flask import Response, request
from locust.stats import stats_history

from soakproof.errors import PortTakenError
from soakproof.load.processes.control import MemoryRow

HOST = "127.0.0.1"
TAB = "memory"
COLUMNS = {"metric": "Metric", "first": "First", "now": "Now", "growth": "Per connection", "verdict": "So far"}
STEERING = frozenset(("/swarm", "/stop", "/stats/reset", "/user"))
REFUSAL = "soakproof runs this test by its own orders; end it with Ctrl-C where it was started"
STARTS_WITHIN_S = 5.0


class WebPage:
    """Serves the page of an environment that has a runner.

    Raises:
        PortTakenError: the port is in use, or may not be used.
    """

    def __init__(self, environment: Any, port: int) -> None:
        check_free(port)
        self._rows: list[dict[str, str]] = []
        self._ui = environment.create_web_ui(host=HOST, port=port, delayed_start=True)
        self._ui.template_args |= {
            "extended_tabs": [{"title": "Memory", "key": TAB}],
            "extended_tables": [
                {"key": TAB, "structure": [{"key": key, "title": title} for key, title in COLUMNS.items()]}
            ],
        }
        self._ui.app.before_request(refuse_steering)
        self._ui.app.after_request(self._add_rows)
        self._ui.start()
        gevent.spawn(stats_history, environment.runner)  # what Locust's charts are drawn from

    @property
    def address(self) -> str:
        """Where the memory is shown."""
        with gevent.Timeout(STARTS_WITHIN_S):
            while self._ui.server is None or not self._ui.server.started:
                gevent.sleep(0.01)
        return f"http://{HOST}:{self._ui.server.server_port}/?tab={TAB}"

    def show(self, rows: Sequence[MemoryRow]) -> None:
        """Show these rows from now on, in this order: Locust sorts them by a name, which is not shown."""
        self._rows = [
            {"name": f"{at:04}", **{key: getattr(row, key) for key in COLUMNS}} for at, row in enumerate(rows)
        ]

    def stop(self) -> None:
        """Serve no more."""
        self._ui.stop()

    def _add_rows(self, response: Response) -> Response:
        """Put the rows into what the page asks for every two seconds."""
        if request.path == "/stats/requests" and isinstance(response.json, dict):
            told = {"extended_stats": [{"key": TAB, "data": self._rows}]}
            response.set_data(json.dumps({**response.json, **told}))
        return response


def check_free(port: int) -> None:
    """Raise PortTakenError where nobody can listen at a port of this machine; 0 is any that is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise PortTakenError(
                f"--ui-port {port}: {error.strerror}; need a port that is free, or 0 for any"
            ) from error


def refuse_steering() -> tuple[str, int] | None:
    """Refuse what would start, stop or reset the test: waves would be short of clients, and the verdict with them."""
    return (REFUSAL, 403) if request.path in STEERING else None
