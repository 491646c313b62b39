"""JSON Schemas of ``verdict.json`` and ``comparison.json``, made from the types that these are written from.

The number in a schema's name is the ``schema`` that the file says. Fields are added within one; what is removed, or
means something else, makes the next.
"""

from __future__ import annotations

import inspect
from typing import Any

import msgspec

from soakproof.compare import Comparison
from soakproof.judge.verdict import Verdict

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SENTENCE: dict[str, Any] = {"type": "string"}
SENTENCES: dict[str, Any] = {"type": "array", "items": SENTENCE}
PERHAPS: dict[str, Any] = {"type": ["number", "null"]}

Schema = dict[str, Any]


def make_schemas() -> dict[str, Schema]:
    """Return the schemas by the names of their files."""
    return {"verdict-1.schema.json": _make_verdict(), "comparison-1.schema.json": _make_comparison()}


def _make_verdict() -> Schema:
    schema, types = _start(Verdict, "verdict.json", "The judgement of a run.")
    _add(types["Verdict"], reason=SENTENCE, warning_codes=types["Verdict"]["properties"]["warnings"])
    _add(types["Finding"], reason=SENTENCE)
    _add(types["Strain"], reason=SENTENCE)
    _add(types["MemoryAccount"], reason=SENTENCE)
    types["Verdict"]["properties"]["warnings"] = SENTENCES
    return schema


def _make_comparison() -> Schema:
    schema, types = _start(Comparison, "comparison.json", "Whether a run keeps more per connection than another.")
    comparison, change = types["Comparison"], types["Change"]
    _add(comparison, reason=SENTENCE, warning_codes=comparison["properties"]["warnings"])
    comparison["properties"] |= {"warnings": SENTENCES, "worse": {"type": ["string", "null"]}}
    _drop(comparison, "obstacle")
    _add(change, reason=SENTENCE, rule=types["Finding"]["properties"]["rule"])
    _drop(change, "finding")
    for name in set(types) - _used(schema, types):
        del types[name]
    return schema


def _start(of: Any, title: str, description: str) -> tuple[Schema, dict[str, Schema]]:
    """Return a schema of a type and its definitions; an interval of too little has nulls for its ends."""
    made = msgspec.json.schema(of)
    types: dict[str, Schema] = made["$defs"]
    for each in types.values():
        if "description" in each:
            each["description"] = inspect.cleandoc(each["description"])  # from Python 3.13 on it is
        for name, field in each.get("properties", {}).items():
            if name.endswith("ci"):
                field["prefixItems"] = [PERHAPS] * 2
    head = {"$schema": DIALECT, "$id": f"urn:soakproof:{title}:1", "title": title, "description": description}
    types[of.__name__]["properties"]["schema"] = {"const": 1}
    return {**head, **made}, types


def _add(schema: Schema, **fields: Schema) -> None:
    schema["properties"] |= fields
    schema["required"] = [*schema.get("required", []), *fields]


def _drop(schema: Schema, name: str) -> None:
    del schema["properties"][name]
    schema["required"] = [each for each in schema["required"] if each != name]


def _used(schema: Schema, types: dict[str, Schema]) -> set[str]:
    """Return the definitions that are still referred to, from the schema's own on."""
    used: set[str] = set()
    open_ones = _references({name: part for name, part in schema.items() if name != "$defs"})
    while open_ones:
        name = open_ones.pop()
        if name not in used:
            used.add(name)
            open_ones |= _references(types[name])
    return used


def _references(part: Any) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"].rpartition("/")[2]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*map(_references, part.values()))
    return set().union(*map(_references, part)) if isinstance(part, list) else set()
