"""Payloads written in JSON, which has no bytes: ``{"$bytes": "<base64>"}`` stands for them."""

from __future__ import annotations

import base64
from typing import Any

from soakproof.errors import ConfigError

BYTES = "$bytes"


def read_payload(value: Any, option: str = "--join") -> Any:
    """Return a payload with bytes where they are written in base64.

    Raises:
        ConfigError: it is no base64.
    """
    if isinstance(value, dict):
        if value.keys() == {BYTES}:
            return _read_bytes(value[BYTES], option)
        return {key: read_payload(item, option) for key, item in value.items()}
    if isinstance(value, list):
        return [read_payload(item, option) for item in value]
    return value


def _read_bytes(text: Any, option: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f'{option}: {text!r} is not base64 ({error}); need bytes as in {{"$bytes": "AAEC"}}, as `base64` prints'
        ) from error
