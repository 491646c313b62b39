"""``/knowledge-items``: starting and stopping crawls."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException

from server.collaboration import Collaboration
from server.payloads import CrawlRequest
from server.problems import FullError


def knowledge_routes(collaboration: Collaboration) -> APIRouter:
    """Return the routes of the crawl."""
    router = APIRouter(prefix="/knowledge-items")

    @router.post("/crawl")
    async def crawl(request: CrawlRequest) -> dict[str, Any]:
        try:
            started = collaboration.crawling.start(request.url, request.max_depth)
        except FullError as error:
            raise HTTPException(503, str(error)) from None
        return {"success": True, "progressId": started.progress_id, "message": "simulated crawl started"}

    @router.post("/stop/{progress_id}")
    async def stop(progress_id: str) -> dict[str, Any]:
        complaint = await collaboration.crawling.stop(progress_id)
        if complaint is not None:
            raise HTTPException(404, complaint)
        return {"success": True, "progressId": progress_id}

    return router
