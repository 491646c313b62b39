"""A crawl watched by many: whoever comes first starts one, everybody subscribes, all hear each step.

soakproof run -f loadtests/crawl.py --clients 200 -- python -m server --port {port}
locust -f loadtests/crawl.py --host http://127.0.0.1:8000
"""

from __future__ import annotations

import time

from locust import between, task

from soakproof.load import SocketIOUser

NEW_CRAWL_EVERY_S = 0.5


class Crawls:
    """The crawl that is talked about: one for all watchers of this process."""

    def __init__(self) -> None:
        self.progress_id = ""
        self._started_s = -NEW_CRAWL_EVERY_S

    def is_stale(self) -> bool:
        """Return whether it is time for another, and take it on."""
        if time.monotonic() - self._started_s < NEW_CRAWL_EVERY_S:
            return False
        self._started_s = time.monotonic()
        return True


crawls = Crawls()


class Watcher(SocketIOUser):
    """Follows the latest crawl until something else is on."""

    wait_time = between(0.2, 1.0)

    @task  # type: ignore[untyped-decorator]  # Locust carries no types
    def watch(self) -> None:
        """Subscribe to the latest crawl; start one if the last is old."""
        if crawls.is_stale():
            started = self.http("POST", "/knowledge-items/crawl", {"url": "http://127.0.0.1/"})
            crawls.progress_id = started["progressId"]
        if crawls.progress_id:
            subscription = {"progress_id": crawls.progress_id}
            self.emit("crawl_subscribe", subscription)
            self.wait_for("crawl_subscribe_ack")
            self.emit("crawl_unsubscribe", subscription)
