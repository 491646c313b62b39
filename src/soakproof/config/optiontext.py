"""Reading what is written into single options: a drop mode with its weight, an event with its payload, JSON."""

from __future__ import annotations

import json
from typing import Any

from soakproof.errors import ConfigError
from soakproof.load.users.payloads import read_payload


def parse_drop(part: str) -> tuple[str, float]:
    """Return mode and weight of ``reset`` or ``close=3``.

    Raises:
        ConfigError: it cannot be read.
    """
    mode, _, weight = part.strip().partition("=")
    try:
        value = float(weight) if weight else 1.0
    except ValueError:
        value = 0.0
    if value <= 0:
        raise ConfigError(
            f"--drop {part.strip()}: the weight is {weight!r}; need a number above 0, as in close=3,reset=1"
        )
    return mode, value


def parse_join(text: str) -> tuple[str, Any]:
    """Return event and payload of ``enter`` or ``enter={"room": 1}``; bytes stay in base64: workers are told in JSON.

    Raises:
        ConfigError: it cannot be read.
    """
    event, equals, text_payload = text.partition("=")
    payload = parse_json(text_payload, f"--join {event}") if equals else None
    read_payload(payload, f"--join {event}")
    return event, payload


def parse_json(text: str, option: str) -> Any:
    """Return the value of an option that is JSON.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigError(
            f'{option}: {text!r} is not JSON ({error}); quote it for the shell: \'{{"token": "x"}}\''
        ) from error
