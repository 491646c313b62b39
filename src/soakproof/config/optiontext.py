"""Reading options that are written as text and held as values: each has one function, and one place that calls it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from soakproof.errors import ConfigError
from soakproof.load.options import Transport
from soakproof.load.users.payloads import read_payload
from soakproof.load.visit.login import Login
from soakproof.load.visit.take import Take, parse_take

A_LOGIN = "'/login username=u{n}&password={env PASSWORD}', or with JSON '/login {\"username\": \"u{n}\"}'"

FORMATS = (
    "text",
    "json",
    "md",
    "junit",
    "sarif",
    "speedscope",
    "collapsed",
    "pprof",
    "html",
    "svg",
    "png",
    "github",
)  # as `soakproof.report`, whose charts load slowly


def parse_drops(text: str) -> dict[str, float]:
    """Read drop modes with their weights: ``close,reset`` or ``close=3,reset=1``.

    Raises:
        ConfigError: one cannot be read, or there is none.
    """
    modes = dict(_parse_drop(part) for part in text.split(",") if part.strip())
    if not modes:
        raise ConfigError(f"--drop {text!r}: names no drop mode; need one, as in close or close=3,reset=1")
    return modes


def _parse_drop(part: str) -> tuple[str, float]:
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


def parse_joins(texts: list[str]) -> tuple[tuple[str, Any], ...]:
    """Read the events that each client calls after connecting, with their payloads.

    Raises:
        ConfigError: one cannot be read.
    """
    return tuple(_parse_join(text) for text in texts)


def _parse_join(text: str) -> tuple[str, Any]:
    """Return event and payload of ``enter`` or ``enter={"room": 1}``; bytes stay in base64: workers are told in JSON.

    Raises:
        ConfigError: it cannot be read.
    """
    event, equals, text_payload = text.partition("=")
    payload = _parse_json(text_payload, f"--join {event}") if equals else None
    read_payload(payload, f"--join {event}")
    return event, payload


def parse_auth(text: str) -> Any:
    """Read what each client sends on connecting.

    Raises:
        ConfigError: it is no JSON.
    """
    return _parse_json(text, "--auth")


def _parse_json(text: str, option: str) -> Any:
    """Return the value of an option that is JSON.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigError(
            f'{option}: {hide(text)} are not JSON ({error}); quote it for the shell: \'{{"token": "x"}}\''
        ) from error


def hide(text: str) -> str:
    """Return what is told of a value that may be a secret: terminals are logged."""
    return f"{len(text)} characters (not shown: they may be a secret)"


def parse_transports(text: str) -> tuple[Transport, ...]:
    """Read ``websocket,polling``.

    Raises:
        ConfigError: an unknown transport, or none.
    """
    names = tuple(part.strip() for part in text.split(",") if part.strip())
    try:
        transports = msgspec.convert(names, tuple[Transport, ...])
    except msgspec.ValidationError as error:
        raise ConfigError(f"--transports {text!r}: need websocket, polling or both, separated by a comma") from error
    if not transports:
        raise ConfigError("--transports: names none; need websocket, polling or both, separated by a comma")
    return transports


def parse_headers(texts: list[str]) -> dict[str, str]:
    """Read ``Name: value``, each; a name given twice has both values, cookies joined as browsers join them.

    Raises:
        ConfigError: one is no header.
    """
    headers: dict[str, str] = {}
    for text in texts:
        name, colon, value = (part.strip() for part in text.partition(":"))
        if not colon or not name or set(name) & set(' \t\r\n"(),/;<=>?@[\\]{}') or set(value) & set("\r\n\0"):
            raise ConfigError(
                f"--header: got {hide(text)}; need a name, a colon and a value, as in 'Cookie: session=abc'"
            )
        if not value.isascii() and not _is_latin1(value):
            raise ConfigError(f"--header {name}: headers are Latin-1; need the value encoded, in percent escapes say")
        known = next((other for other in headers if other.lower() == name.lower()), name)
        joint = "; " if name.lower() == "cookie" else ", "
        headers[known] = f"{headers[known]}{joint}{value}" if known in headers else value
    return headers


def parse_query(texts: list[str]) -> dict[str, str]:
    """Read ``name=value``, each.

    Raises:
        ConfigError: one has no name, or no equals sign.
    """
    query: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise ConfigError(f"--query: got {hide(text)}; need a name, an equals sign and a value, as in token=abc")
        query[name] = value
    return query


def _is_latin1(text: str) -> bool:
    return all(ord(character) < 256 for character in text)  # noqa: PLR2004  # what one byte can say


def parse_formats(formats: str) -> tuple[str, ...]:
    """Return the names of the reports asked for.

    Raises:
        ConfigError: there are none, or one that does not exist.
    """
    names = tuple(name.strip() for name in formats.split(",") if name.strip())
    unknown = set(names) - set(FORMATS)
    if unknown or not names:
        raise ConfigError(
            f"--format {formats}: unknown {', '.join(sorted(unknown)) or 'nothing'}; need {', '.join(FORMATS)}"
        )
    return names


def parse_login(text: str) -> Login:
    """Return what ``PATH FIELDS`` says, fields as a form's, ``a=1&b=2``, or as JSON.

    Raises:
        ConfigError: it cannot be read.
    """
    path, _, fields = (part.strip() for part in text.strip().partition(" "))
    if not fields:
        raise ConfigError(f"--login: got {hide(text)}; need a path and what to post to it, as in {A_LOGIN}")
    if fields.startswith(("{", "[")):
        return Login(path, _parse_json(fields, "--login"), is_json=True)
    pairs = parse_qsl(fields, keep_blank_values=True)
    if not pairs:
        raise ConfigError(f"--login {path}: {hide(fields)} have no field; need {A_LOGIN}")
    return Login(path, dict(pairs))


def parse_takes(texts: list[str]) -> tuple[Take, ...]:
    """Read ``NAME=REGEX|CSS|JSONPATH``, each.

    Raises:
        ConfigError: one has no name, or is no pattern.
    """
    return tuple(parse_take(text) for text in texts)
