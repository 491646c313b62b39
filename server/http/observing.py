"""``/health``, ``/metrics`` and ``/dashboard``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter, HTTPException, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry

from server.collaboration import Collaboration
from server.monitor.metrics import render

_FILES = Path(__file__).parent.parent / "dashboard"
_TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
# All the page needs comes from here; a browser is to hold it to that.
_POLICY = "default-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'"


def observing_routes(collaboration: Collaboration, metrics: CollectorRegistry) -> APIRouter:
    """Return the routes by which others see how the server is."""
    router = APIRouter()

    @router.get("/health")
    async def health() -> dict[str, Any]:
        return {"status": "healthy", "clients": len(collaboration.connections.connections)}

    @router.get("/metrics")
    async def scrape() -> Response:
        return Response(render(metrics), media_type=CONTENT_TYPE_LATEST)

    @router.get("/dashboard")
    async def dashboard() -> Response:
        return _file("index.html")

    @router.get("/dashboard/{name}")
    async def dashboard_file(name: str) -> Response:
        return _file(name)

    return router


def _file(name: str) -> Response:
    known = {path.name: path for path in _FILES.iterdir() if path.suffix in _TYPES}
    if name not in known:
        raise HTTPException(404, "no such file of the dashboard")
    path = known[name]
    headers = {"content-security-policy": _POLICY, "cache-control": "no-cache", "x-content-type-options": "nosniff"}
    return Response(path.read_bytes(), media_type=_TYPES[path.suffix], headers=headers)
