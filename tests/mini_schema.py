"""As much of JSON Schema as the project's own schemas use, so that tests need no library for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
KNOWN = frozenset(
    (
        "$schema", "$id", "$ref", "$defs", "title", "description", "default", "type", "properties", "required", "items",
        "prefixItems", "minItems", "maxItems", "additionalProperties", "enum", "const", "anyOf",
    )
)  # fmt: skip


def find_mistakes(value: Any, schema: dict[str, Any], whole: dict[str, Any], path: str = "$") -> Iterator[str]:
    """Yield where a document is not as its schema says; a word of JSON Schema that is not known here is a mistake."""
    if unknown := set(schema) - KNOWN:
        yield f"{path}: the schema says {unknown}, which is not known here"
    if "$ref" in schema:
        yield from find_mistakes(value, whole["$defs"][schema["$ref"].rpartition("/")[2]], whole, path)
        return
    if "anyOf" in schema and all([*find_mistakes(value, each, whole, path)] for each in schema["anyOf"]):
        yield f"{path}: {value!r} is none of {schema['anyOf']}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        yield f"{path}: {value!r}, need {schema['const']!r}"
    wanted = schema.get("type", [])
    names = [wanted] if isinstance(wanted, str) else wanted
    if names and not any(_is_of(value, name) for name in names):
        yield f"{path}: {value!r} is no {wanted}"
        return
    if isinstance(value, dict):
        yield from _look_into_object(value, schema, whole, path)
    if isinstance(value, list):
        yield from _look_into_array(value, schema, whole, path)


def _is_of(value: Any, name: str) -> bool:
    return isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def _look_into_object(value: dict[str, Any], schema: dict[str, Any], whole: dict[str, Any], path: str) -> Iterator[str]:
    yield from (f"{path}: lacks {name!r}" for name in schema.get("required", []) if name not in value)
    fields, others = schema.get("properties", {}), schema.get("additionalProperties")
    for name, part in value.items():
        if name in fields:
            yield from find_mistakes(part, fields[name], whole, f"{path}.{name}")
        elif isinstance(others, dict):
            yield from find_mistakes(part, others, whole, f"{path}.{name}")


def _look_into_array(value: list[Any], schema: dict[str, Any], whole: dict[str, Any], path: str) -> Iterator[str]:
    first = schema.get("prefixItems", [])
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        yield f"{path}: has {len(value)} items"
    for at, part in enumerate(value):
        each = first[at] if at < len(first) else schema.get("items", {})
        if isinstance(each, dict):
            yield from find_mistakes(part, each, whole, f"{path}[{at}]")
