"""Gives a build the addresses of the repository that it is built in: a workflow knows them, and a fork has its own."""

from __future__ import annotations

import os
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

PAGES = {"Source": "", "Documentation": "/tree/HEAD/docs", "Changelog": "/blob/HEAD/CHANGELOG.md", "Issues": "/issues"}


class ProjectUrls(MetadataHookInterface):
    """Sets ``project.urls`` where ``GITHUB_REPOSITORY`` says whose build it is; elsewhere a build names none."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add the addresses to the metadata."""
        host, repository = os.environ.get("GITHUB_SERVER_URL"), os.environ.get("GITHUB_REPOSITORY")
        known = host and repository
        metadata["urls"] = {name: f"{host}/{repository}{page}" for name, page in PAGES.items()} if known else {}
