"""What the agent followed, put into a culprit: the lines that fill it, in which event, and the handler that fails."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from soakproof.culprits import Culprit
from soakproof.judge.verdict import Finding
from soakproof.measure.elimination import TRACED_SHARE
from soakproof.measure.tracedwaves import to_site
from soakproof.measure.triggers import TRIGGER_SHARE

EVENT_SHARE = 0.5


def add_filling_sites(culprit: Culprit, sites: list[dict[str, Any]], connections: int) -> None:
    """Put the lines that fill the container in front of those that merely allocate what it holds."""
    fills = [to_site(site, connections) for site in sites]
    known = {(site.file, site.line): site for site in culprit.sites}
    for site in fills:
        site.role = "fills"
        allocated = known.pop((site.file, site.line), None)
        if allocated:
            site.per_connection_bytes = allocated.per_connection_bytes
    culprit.sites = [*fills, *known.values()]


def find_swelling(sites: list[dict[str, Any]], suspect: Finding, connections: int) -> list[dict[str, Any]]:
    """Return the lines that took most of the growth from malloc, C code that they call included."""
    return [site for site in sites if site["bytes"] >= TRACED_SHARE * suspect.per_connection * connections]


def find_event(events: dict[str, int], sites: list[dict[str, Any]]) -> str | None:
    """Return the event whose handler filled most of it, None where none filled half of what the lines did."""
    event = max(events, key=lambda name: events[name], default=None)
    filled = sum(int(site["count"]) for site in sites)
    return event if event and events[event] >= EVENT_SHARE * filled else None


def find_raised(raised: list[dict[str, Any]], suspect: Finding, connections: int) -> dict[str, Any] | None:
    """Return the exception that leaves a handler about as often as the suspect grows, None where there is none."""
    error = raised[0] if raised else None
    if error is None or error["count"] / connections < TRIGGER_SHARE * min(suspect.per_connection, 1.0):
        return None
    return error


def add_raised(culprit: Culprit, error: dict[str, Any], connections: int) -> None:
    """Name the failing handler as the trigger: what it, or the library after it, should have removed stays.

    Of a library's registry the line that raises is the one to mend, so it comes first.
    """
    site = to_site(error, connections)
    rate = f"{site.per_connection:.2f} times per connection"
    place = f"{PurePath(site.file).name}:{site.line}"
    culprit.trigger = f"the {error['event']} handler raising {error['error']} at {place} ({rate})"
    if culprit.origin != "application":
        site.role = "raises"
        culprit.sites = [site, *culprit.sites]
