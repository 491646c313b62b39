"""``/internal/memory``: how the server is, for loopback or the holder of the token."""

from __future__ import annotations

import os
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request

from server.clock import to_ms
from server.collaboration import Collaboration
from server.http.access import TOKEN_ENV, Access
from server.monitor.history import DAY_OF_MINUTES
from server.monitor.monitor import Monitor


class InternalRoutes:
    """The routes, as methods."""

    def __init__(self, collaboration: Collaboration, monitor: Monitor) -> None:
        self._collaboration = collaboration
        self._monitor = monitor

    async def status(self) -> dict[str, Any]:
        """Return how it is now, with the bounds, alerts and what the cleanups did."""
        sample = await self._monitor.read()
        domain = self._collaboration
        return {
            "pid": os.getpid(),
            "at_ms": to_ms(domain.clock.now_s()),
            "clock_speed": 1 / domain.clock.real_s(1.0),
            "sample": sample,
            "bounds": bounds_of(domain),
            "alerts": [state.to_wire() for state in self._monitor.alerts.states.values()],
            "cleanup": {"runs": domain.cleanup.runs, "failures": domain.cleanup.failures},
            "removed": domain.audit.removed,
        }

    async def metrics(self, last: Annotated[int, Query(ge=1, le=DAY_OF_MINUTES)] = DAY_OF_MINUTES) -> dict[str, Any]:
        """Return the samples of up to a day, a list per column, oldest first; a reading that failed is null."""
        return {"every_s": 60, "columns": self._monitor.history.to_wire(last)}

    async def cleanup(self) -> dict[str, Any]:
        """Run the cleanup and return what each step dealt with."""
        return {"dealt_with": await self._collaboration.cleanup.run("manual")}


def bounds_of(collaboration: Collaboration) -> dict[str, int]:
    """Return the cap of each registry."""
    limits = collaboration.limits
    return {name: getattr(limits, name) for name in collaboration.registries.counts()}


def internal_routes(collaboration: Collaboration, monitor: Monitor, access: Access) -> APIRouter:
    """Return the internal routes; 403 to whoever is elsewhere."""

    def check(request: Request) -> None:
        if not access.is_internal(request.scope):
            raise HTTPException(403, f"only for loopback, or with the bearer token of {TOKEN_ENV}")

    routes = InternalRoutes(collaboration, monitor)
    router = APIRouter(prefix="/internal/memory", dependencies=[Depends(check)])
    router.get("/status")(routes.status)
    router.get("/metrics")(routes.metrics)
    router.post("/cleanup")(routes.cleanup)
    return router
