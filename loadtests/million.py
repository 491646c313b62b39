"""The scenario of `make soak-million`: the people of `collaboration.py`, most of whom edit and review.

Each kind leaves entries in another of the server's registries. A crawl and a chat cost the server an HTTP request each,
and twice the CPU of an edit: one client in eight does either, so that an hour is enough for a million connections.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # Locust loads a file, not a package: its neighbours are found so

from loadtests import collaboration


class Editor(collaboration.Editor):
    """Opens a document of its own and changes it."""

    weight = 7


class Reviewer(collaboration.Reviewer):
    """Locks a document, and goes without giving the lock back."""

    weight = 7


class CrawlWatcher(collaboration.CrawlWatcher):
    """Starts a crawl, and goes before it ends."""


class Chatter(collaboration.Chatter):
    """Asks the agent, and goes while the answer streams."""
