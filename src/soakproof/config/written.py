"""Options that are written as text and held as another type."""

from __future__ import annotations

from typing import Any

from msgspec import inspect

from soakproof.config.options import Config, Written


def read_written(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options with values in the place of texts; a file may also give the value itself, as TOML has it."""
    written = {field.name: found for field in inspect.type_info(Config).fields if (found := find_written(field))}  # type: ignore[attr-defined]  # a Struct's info has fields
    return {
        name: written[name].read(value) if name in written and is_written(value, written[name]) else value
        for name, value in options.items()
    }


def find_written(field: inspect.Field) -> Written | None:
    """Return how an option is written, None where as what it is."""
    extra = field.type.extra if isinstance(field.type, inspect.Metadata) else None
    return extra.get("written") if extra else None


def is_written(value: Any, written: Written) -> bool:
    """Whether that is text for the option to be read from."""
    if written.is_repeatable:
        return isinstance(value, list) and all(isinstance(text, str) for text in value)
    return isinstance(value, str)
