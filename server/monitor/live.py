"""What changes by the second, for those who look: the dashboard and the list of projects."""

from __future__ import annotations

from typing import Any

import socketio

from server.clock import to_ms
from server.collaboration import Collaboration
from server.events.projects import list_projects
from server.monitor.census import Counter
from server.monitor.monitor import Monitor
from server.monitor.reading import read_rss_bytes
from server.rooms import DASHBOARD, PROJECT_LIST

EVERY_REAL_S = 1.0
_RECORDS = 50


class Live:
    """Pushes updates to the rooms of this process; when nobody is in them it does nothing."""

    def __init__(
        self, sio: socketio.AsyncServer, collaboration: Collaboration, monitor: Monitor, count: Counter
    ) -> None:
        self._sio = sio
        self._collaboration = collaboration
        self._monitor = monitor
        self._count = count
        self._projects: dict[str, Any] = {}

    async def push(self) -> None:
        """Push what has news."""
        if self._has_listeners(DASHBOARD):
            await self._sio.emit("dashboard_update", self.describe(), to=DASHBOARD, ignore_queue=True)
        if not self._has_listeners(PROJECT_LIST):
            self._projects = {}
            return
        projects = await list_projects(self._collaboration)
        if projects != self._projects:
            self._projects = projects
            await self._sio.emit("projects_update", projects, to=PROJECT_LIST, ignore_queue=True)

    def describe(self) -> dict[str, Any]:
        """Return the present: counts, memory, the last sample, alerts, the last removals."""
        audit, last_minute = self._collaboration.audit, self._monitor.history.to_wire(last=1)
        return {
            "at_ms": to_ms(self._collaboration.clock.now_s()),
            "sample": {"rss_bytes": read_rss_bytes(), **self._count()},
            "last_minute": {name: values[-1] for name, values in last_minute.items() if values},
            "alerts": [state.to_wire() for state in self._monitor.alerts.states.values()],
            "audit": [record._asdict() for record in audit.since(audit.number - _RECORDS)],
            "removed": audit.removed,
        }

    def _has_listeners(self, room: str) -> bool:
        return room in self._sio.manager.rooms.get("/", {})
