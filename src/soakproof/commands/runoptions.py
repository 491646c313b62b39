"""The options of ``soakproof run``, made from the fields of `Config`."""

from __future__ import annotations

from typing import Any

import click
from msgspec import inspect

from soakproof.config import Config
from soakproof.config.written import find_written

SHORT = {"locustfile": "-f"}
METAVARS = {
    "attach": "PID|SOCKET",
    "load": "COMMAND",
    "locustfile": "FILE",
    "out": "DIR",
    "note": "TEXT",
    "preset": "NAME",
    "page": "URL",
    "take": "NAME=REGEX|CSS|JSONPATH",
    "login": "'PATH FIELDS'",
    "auth": "JSON",
    "join": "EVENT[=JSON]",
    "message": "TEXT",
    "query": "NAME=VALUE",
    "header": "'NAME: VALUE'",
    "fast_forward": "DURATION[,...]|auto",
    "ca": "FILE",
    "cert": "FILE",
}


def make_options() -> list[click.Option]:
    """Make the options of ``run`` from the fields of `Config`; all default to None, which means: not given."""
    fields = inspect.type_info(Config).fields  # type: ignore[attr-defined]  # a Struct's info has fields
    return [option for field in fields if (option := to_option(field)) is not None]


def to_option(field: inspect.Field) -> click.Option | None:
    """Make one option, or None for what only a file can say."""
    if not isinstance(field.type, inspect.Metadata):
        return None
    description = (field.type.extra_json_schema or {})["description"]
    written = find_written(field)
    default = written.default if written else field.default
    if default != "" and isinstance(default, (str, int, float)) and not isinstance(default, bool):
        description = f"{description}  [{default}]"
    names = [f"--{field.name.replace('_', '-')}", field.name]
    if field.name in SHORT:
        names.insert(0, SHORT[field.name])
    kind = {"type": str, "multiple": written.is_repeatable} if written else to_click_type(field.type.type)
    return click.Option(names, help=description, metavar=METAVARS.get(field.name), **kind)


CLICK_TYPES: dict[type[inspect.Type], dict[str, Any]] = {
    inspect.BoolType: {"is_flag": True, "default": None},
    inspect.IntType: {"type": int},
    inspect.FloatType: {"type": float},
    inspect.ListType: {"multiple": True},
    inspect.StrType: {"type": str},
}


def to_click_type(kind: inspect.Type) -> dict[str, Any]:
    """Return what click needs to know to parse a value of that type."""
    if isinstance(kind, inspect.UnionType):
        return to_click_type(next(member for member in kind.types if not isinstance(member, inspect.NoneType)))
    if isinstance(kind, inspect.LiteralType):
        return {"type": click.Choice([str(value) for value in kind.values])}
    return CLICK_TYPES[type(kind)]
