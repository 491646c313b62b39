"""Taking a token out of a page: by a regular expression, a CSS selector or a JSONPath (RFC 9535)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Literal

import jsonpath
import msgspec
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from soakproof.errors import ConfigError

How = Literal["regex", "css", "json"]
NAMES: dict[str, str] = {"regex": "regular expression", "css": "CSS selector", "json": "JSONPath"}

_GROUP = re.compile(r"(?<!\\)(?<!:)\((?!\?[:=!<#])|\(\?P<")  # a group that captures
_PSEUDO_CLASS = re.compile(r":[a-z-]+\(")
_PART = re.compile(r"(?P<selector>.*?)::(?:attr\((?P<attribute>[\w:-]+)\)|text)$", re.DOTALL)


class Take(msgspec.Struct, frozen=True):
    """A name, how it is found, and the pattern that finds it."""

    name: str
    how: How
    pattern: str

    def __str__(self) -> str:
        """Return it as it is written on the command line."""
        return f"--take {self.name}={self.pattern}"

    def find(self, text: str) -> list[str]:
        """Return the different values that the pattern finds in a page, in their order."""
        return list(dict.fromkeys(FINDERS[self.how](self.pattern, text)))


def parse_takes(patterns: Mapping[str, str] | None) -> tuple[Take, ...]:
    """Read each pattern under its name, as `parse_take` does; none where there are none."""
    return tuple(parse_take(f"{name}={pattern}") for name, pattern in (patterns or {}).items())


def parse_take(text: str) -> Take:
    """Read ``NAME=PATTERN``.

    A pattern that begins with ``$`` is a JSONPath; one with a group that captures, or that is no CSS selector, a
    regular expression; everything else a CSS selector. ``json:``, ``regex:`` or ``css:`` before it says so outright.

    Raises:
        ConfigError: it has no name, or is not what it was taken for.
    """
    name, equals, pattern = text.partition("=")
    if not equals or not re.fullmatch(r"[\w-]+", name) or not pattern:
        raise ConfigError(
            f"--take {text!r}: need NAME=REGEX|CSS|JSONPATH, as in csrf=meta[name=csrf], id='\"id\": (.+?)' or id=$.id"
        )
    how, pattern = _tell(pattern)
    problem = CHECKS[how](pattern)
    if problem:
        raise ConfigError(
            f"--take {name}: {pattern!r} is no {NAMES[how]} ({problem}); say regex:, css: or json: before it if it was "
            "taken for the wrong one"
        )
    return Take(name, how, pattern)


def _tell(pattern: str) -> tuple[How, str]:
    """Return what kind of pattern it is, and the pattern without the word that says so."""
    for how in FINDERS:
        if pattern.startswith(f"{how}:"):
            return how, pattern.removeprefix(f"{how}:")
    if pattern.startswith("$"):
        return "json", pattern
    if _GROUP.search(_PSEUDO_CLASS.sub("", pattern)) or _css_problem(pattern):
        return "regex", pattern
    return "css", pattern


def _by_regex(pattern: str, text: str) -> list[str]:
    found = re.compile(pattern)
    return [match[1] if found.groups else match[0] for match in found.finditer(text) if match[1 if found.groups else 0]]


def _by_css(pattern: str, text: str) -> list[str]:
    """Return what browsers would call the value of each element: of an input, a meta tag, else its text."""
    part = _PART.match(pattern)
    selector, attribute = (part["selector"], part["attribute"]) if part else (pattern, None)
    found = []
    for node in LexborHTMLParser(text).css(selector):
        held = node.attributes
        wanted = attribute or (None if part else next((name for name in ("value", "content") if held.get(name)), None))
        value = held.get(wanted) if wanted else node.text(deep=True, strip=True)
        found += [value] if value else []
    return found


def _by_json(pattern: str, text: str) -> list[str]:
    try:
        found = jsonpath.findall(pattern, text)
    except (json.JSONDecodeError, jsonpath.JSONPathError):
        return []
    return [value if isinstance(value, str) else json.dumps(value) for value in found if value is not None]


def _regex_problem(pattern: str) -> str | None:
    try:
        re.compile(pattern)
    except re.error as error:
        return str(error)
    return None


def _css_problem(pattern: str) -> str | None:
    part = _PART.match(pattern)
    try:
        LexborHTMLParser("").css(part["selector"] if part else pattern)
    except SelectolaxError as error:
        return str(error).rstrip(".")
    return None


def _json_problem(pattern: str) -> str | None:
    try:
        jsonpath.compile(pattern)
    except jsonpath.JSONPathError as error:
        return str(error).partition("\n")[0]
    return None


FINDERS: dict[How, Callable[[str, str], list[str]]] = {"regex": _by_regex, "css": _by_css, "json": _by_json}
CHECKS: dict[How, Callable[[str], str | None]] = {"regex": _regex_problem, "css": _css_problem, "json": _json_problem}
