"""Payloads written in JSON, which has no bytes: ``{"$bytes": "<base64>"}`` stands for them."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from typing import Any

import msgspec

from soakproof.errors import ConfigError
from soakproof.load.options import ClientOptions

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


def read_message(text: str) -> str | bytes:
    """Return a message of a plain WebSocket: bytes where it is JSON that stands for them, else the text itself."""
    if BYTES in text:
        with suppress(json.JSONDecodeError):
            if isinstance(payload := read_payload(json.loads(text), "--message"), bytes):
                return payload
    return text


def read_joins(options: ClientOptions) -> ClientOptions:
    """Return the options with bytes in the payloads of ``joins`` where they are written in base64."""
    joins = tuple((event, read_payload(payload)) for event, payload in options.joins)
    return msgspec.structs.replace(options, joins=joins)


def _read_bytes(text: Any, option: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f'{option}: {text!r} is not base64 ({error}); need bytes as in {{"$bytes": "AAEC"}}, as `base64` prints'
        ) from error
