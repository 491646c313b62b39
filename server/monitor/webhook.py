"""Posts alerts to a webhook."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

TIMEOUT_S = 5


def post(url: str, payload: dict[str, Any]) -> None:
    """POST JSON to an http(s) URL; blocks, so it belongs into a thread. Raises OSError or ValueError."""
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"webhook {url!r}: need a URL of http or https")
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(url, json.dumps(payload).encode(), headers)  # noqa: S310 -- the scheme is checked
    with urllib.request.urlopen(request, timeout=TIMEOUT_S):  # noqa: S310 -- likewise
        pass
