"""Placeholders in the options of clients, ``{uuid}`` or ``{taken csrf}``: the grammar, and what each needs to be said.

A word in braces is a placeholder; ``{{word}}`` stands for the word in braces itself. Braces around anything else, as in
JSON, are text.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Collection, Iterator
from typing import Any, NamedTuple

from soakproof.errors import ConfigError

_PATTERN = re.compile(r"\{\{(?P<literal>[a-z]+(?: [^{}]*)?)\}\}|\{(?P<word>[a-z]+)(?: (?P<argument>[^{}]*))?\}")

MEANINGS = {
    "uuid": "a UUID of the client's own, {uuid NAME} another one",
    "n": "the client's number in its wave, from 1",
    "wave": "the number of the wave",
    "taken": "{taken NAME}, what --take NAME found",
    "choice": "{choice A|B|C}, one of these by lot",
    "env": "{env NAME}, a variable of the environment",
    "url": "where the target listens",
    "host": "the target's host",
    "port": "the target's port",
}
NEEDS_ARGUMENT = {"taken": "{taken csrf}", "choice": "{choice red|green}", "env": "{env PASSWORD}"}
TAKES_NONE = frozenset({"n", "wave", "url", "host", "port"})


class Placeholder(NamedTuple):
    """One placeholder: its word, and what stands behind it, if anything."""

    word: str
    argument: str | None


def substitute(text: str, value_of: Callable[[Placeholder], str]) -> str:
    """Return a text with its placeholders replaced."""
    return _PATTERN.sub(lambda match: _replace(match, value_of), text)


def fill(value: Any, value_of: Callable[[Placeholder], str]) -> Any:
    """Return a JSON value with the placeholders of all its texts replaced, keys included."""
    if isinstance(value, str):
        return substitute(value, value_of) if "{" in value else value
    if isinstance(value, dict):
        return {fill(key, value_of): fill(item, value_of) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(fill(item, value_of) for item in value)
    return value


def escape(text: str) -> str:
    """Return a text that `fill` leaves as it is: words in braces stand for themselves."""
    return _PATTERN.sub(lambda match: "{" + match[0] + "}", text)


def find(value: Any) -> Iterator[Placeholder]:
    """Yield the placeholders of a JSON value."""
    if isinstance(value, str):
        for match in _PATTERN.finditer(value):
            if match["word"]:
                yield Placeholder(match["word"], match["argument"])
    elif isinstance(value, dict):
        for pair in value.items():
            yield from find(list(pair))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from find(item)


def check(value: Any, option: str, taken: Collection[str]) -> None:
    """Refuse placeholders that cannot be filled; ``taken`` are the names that something is taken under.

    Raises:
        ConfigError: an unknown one, one without what it needs, a token that nothing takes, a variable that is not set.
    """
    for placeholder in find(value):
        word, argument = placeholder
        if word not in MEANINGS:
            raise ConfigError(f"{option}: unknown placeholder {{{word}}}; {_hint(word)}")
        if word in NEEDS_ARGUMENT and not (argument or "").strip():
            raise ConfigError(f"{option}: {{{word}}} says too little; need it as in {NEEDS_ARGUMENT[word]}")
        if word in TAKES_NONE and argument is not None:
            raise ConfigError(f"{option}: {{{word} {argument}}} says too much; need {{{word}}} alone")
        if word == "taken" and argument not in taken:
            raise ConfigError(f"{option}: nothing is taken as {argument!r}; {_taken_hint(argument, taken)}")
        if word == "env" and str(argument) not in os.environ:
            raise ConfigError(f"{option}: the environment has no variable {argument}; set it: export {argument}=...")


def need_variables(*names: str) -> None:
    """Refuse to go on where the environment lacks a variable that a Locust file's ``{env NAME}`` wants.

    Raises:
        ConfigError: there is no such variable.
    """
    for name in names:
        check(f"{{env {name}}}", "this Locust file", ())


def _replace(match: re.Match[str], value_of: Callable[[Placeholder], str]) -> str:
    if match["literal"]:
        return "{" + match["literal"] + "}"
    return value_of(Placeholder(match["word"], match["argument"]))


def _hint(word: str) -> str:
    near = difflib.get_close_matches(word, MEANINGS, n=1)
    first = f"did you mean {{{near[0]}}}?" if near else f"there are {', '.join(f'{{{name}}}' for name in MEANINGS)};"
    return f"{first} for the word in braces itself write {{{{{word}}}}}"


def _taken_hint(name: str | None, taken: Collection[str]) -> str:
    if taken:
        return f"there is {', '.join(sorted(taken))}; need --take {name}=REGEX|CSS|JSONPATH too"
    return f"need --take {name}=REGEX|CSS|JSONPATH, and the --page it is taken from"
