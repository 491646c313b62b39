"""A botnet of bad clients: half-open handshakes, wrong tokens, half packets, silence; and nonsense for payloads.

soakproof run -f loadtests/botnet.py --drop half-open,upgrade-abort,reject,mid-binary,vanish,reset -- ...
locust -f loadtests/botnet.py --host http://127.0.0.1:8000
"""

from __future__ import annotations

import random
from typing import Any

from locust import between, task

from soakproof.load import SocketIOUser

NONSENSE: list[tuple[str, Any]] = [
    ("lock_document", None),
    ("lock_document", {"document_id": 7, "duration": -1}),
    ("document_change", {"change": {"id": "x", "timestamp": "yesterday"}}),
    ("document_batch_update", {"changes": "all of them"}),
    ("join_chat", {"session_id": "../../etc/passwd"}),
    ("chat_message", {"session_id": None, "message": "x" * 10_000}),
    ("crawl_subscribe", {"progress_id": b"\0" * 100}),
    ("no_such_event", [1, 2, 3]),
]


class Bot(SocketIOUser):
    """Sends what no client of this server would, and leaves as no client should."""

    wait_time = between(0.1, 0.5)
    drops = {  # noqa: RUF012  # Locust's classes are configured by plain attributes
        "half-open": 3.0,
        "upgrade-abort": 2.0,
        "reject": 2.0,
        "mid-binary": 1.0,
        "vanish": 1.0,
        "reset": 1.0,
        "mid-call": 1.0,
        "polling": 1.0,
    }

    @task  # type: ignore[untyped-decorator]  # Locust carries no types
    def send_nonsense(self) -> None:
        """Send one thing after the other, whatever the server says."""
        for event, payload in random.sample(NONSENSE, k=3):
            self.emit(event, payload)
