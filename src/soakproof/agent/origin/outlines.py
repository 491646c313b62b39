"""Which functions many lines are in, by the indentation of their files.

To parse a file makes an object for each of its nodes, each of which takes microseconds while allocations are traced: of
89 files it took 17 s. What looks like a header within a text of several lines may mislead; the place does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from . import sourcefiles, sourcelines
from .sourcelines import Line

_HEADER = re.compile(rb"[ \t]*(?:async[ \t]+)?(def|class)[ \t]+(\w+)")
_MODULE = "<module>"


def describe_frames(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Return file, line, function and whose code it is, of many lines: each file is read once."""
    functions = functions_at(lines)
    return [
        {
            **sourcelines.name_line(line),
            "function": functions.get(line, ""),
            "origin": sourcelines.origin_of_code(line[0]),
        }
        for line in lines
    ]


def functions_at(lines: Iterable[Line]) -> dict[Line, str]:
    """Return the qualified names of the functions around lines, of those whose source can be read."""
    by_file: dict[str, set[int]] = {}
    for file, number in lines:
        by_file.setdefault(file, set()).add(number)
    found: dict[Line, str] = {}
    for file, numbers in by_file.items():
        source = sourcefiles.read(file)
        if source is not None:
            text = source.split(b"\n")
            found.update({(file, each): function_around(text, each) for each in numbers if _is_within(text, each)})
    return found


def function_around(text: Sequence[bytes], number: int) -> str:
    """Return the name of the function around a line: headers above that stand farther out; else ``<module>``."""
    at = number - 1
    own = _HEADER.match(text[at])
    headers = [(own[1], own[2])] if own else []
    limit = _indentation(text[at])
    while at > 0 and limit > 0:
        at -= 1
        header = _HEADER.match(text[at])
        if header and _indentation(text[at]) < limit:
            headers.append((header[1], header[2]))
            limit = _indentation(text[at])
    while headers and headers[0][0] == b"class":
        headers.pop(0)
    joints = {b"def": ".<locals>.", b"class": "."}
    outer = "".join(_word(word) + joints[kind] for kind, word in reversed(headers[1:]))
    return outer + _word(headers[0][1]) if headers else _MODULE


def _word(word: bytes) -> str:
    return word.decode("utf-8", "replace")


def _is_within(text: Sequence[bytes], number: object) -> bool:
    return type(number) is int and 0 < number <= len(text)


def _indentation(line: bytes) -> int:
    return len(line.expandtabs()) - len(line.expandtabs().lstrip())
