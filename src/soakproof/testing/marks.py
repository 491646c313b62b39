"""``@pytest.mark.bounded(...)``: the options of a soak, checked when the tests are collected."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from msgspec import inspect

from soakproof.config import Config, build_config
from soakproof.config.written import find_written
from soakproof.errors import ConfigError

OF_THE_FIXTURE = frozenset({"command", "out", "format", "attach", "attach_with", "own_memory"})
QUICK: dict[str, Any] = {"waves": 6, "clients": 100, "warmup": 1, "steady": 0, "drain": 5}


class Marker(Protocol):
    """A marker as pytest has it."""

    @property
    def args(self) -> tuple[Any, ...]: ...  # noqa: D102  # pytest's

    @property
    def kwargs(self) -> Mapping[str, Any]: ...  # noqa: D102  # pytest's


def read_markers(markers: Iterable[Marker]) -> dict[str, Any]:
    """Put the options of several markers together, outermost first: a test's own over its class' and its module's.

    Raises:
        ConfigError: one is not an option of ``soakproof run`` by its name.
    """
    options: dict[str, Any] = {}
    for marker in markers:
        if marker.args:
            raise ConfigError(f"bounded: got {marker.args[0]!r} without a name; need NAME=VALUE, as in clients=50")
        options |= marker.kwargs
    return options


def check_options(options: Mapping[str, Any], directory: Path) -> None:
    """Refuse options that do not exist, values that cannot be, and those that cannot go together.

    Args:
        options: What a marker says, by the names of `Config`.
        directory: Where the soak is to run; the configuration file that lies there counts too.

    Raises:
        ConfigError: there are some.
    """
    known = {field.name: field for field in settable_fields()}
    for name in options:
        if name not in known:
            raise ConfigError(_say_unknown(name, sorted(known)))
    values = {name: _for_reading(known[name], value) for name, value in options.items()}
    config = build_config({**values, "command": ["server"]}, directory=directory)
    from soakproof.load.drops import check_modes

    check_modes(config.drop, config.client, config.serializer, config.protocol)


def to_words(options: Mapping[str, Any]) -> list[str]:
    """Return options that were checked as words of the command line."""
    fields = {field.name: field for field in settable_fields()}
    return [word for name, value in options.items() for word in _write(fields[name], value)]


def make_quick(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of ``--soak-quick``: no more waves, clients and seconds than it takes to see a leak at all."""
    least = {name: min(value, options.get(name, value)) for name, value in QUICK.items()}
    return {**options, **least}


def settable_fields() -> list[inspect.Field]:
    """Return the options of ``soakproof run`` that a test may give."""
    fields = inspect.type_info(Config).fields  # type: ignore[attr-defined]  # a Struct's info has fields
    return [each for each in fields if isinstance(each.type, inspect.Metadata) and each.name not in OF_THE_FIXTURE]


def _say_unknown(name: str, known: list[str]) -> str:
    if name in OF_THE_FIXTURE:
        return f"bounded: {name!r} is the soak fixture's own; leave it out"
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "see `soakproof run --help` for the options"
    return f"bounded: unknown option {name!r}; {hint}"


def _for_reading(field: inspect.Field, value: Any) -> Any:
    """Return a value as the options read it: a single text where several may stand, and tuples as lists."""
    written = find_written(field)
    if written and written.is_repeatable and isinstance(value, str):
        return [value]
    if written and not written.is_repeatable and isinstance(value, list | tuple) and field.name != "auth":
        return ",".join(map(str, value))
    return list(value) if isinstance(value, tuple) else value


def _write(field: inspect.Field, value: Any) -> list[str]:
    name = f"--{field.name.replace('_', '-')}"
    if isinstance(value, bool):
        return [name] if value else []
    value = _for_reading(field, value)
    if isinstance(value, list) and field.name != "auth":
        return [word for each in value for word in (name, str(each))]
    if field.name == "auth" and not isinstance(value, str):
        return [name, json.dumps(value)]
    if isinstance(value, dict):  # drop modes and their weights
        return [name, ",".join(f"{each}={weight:g}" for each, weight in value.items())]
    return [name, str(value)]
