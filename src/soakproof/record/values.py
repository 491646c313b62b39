"""Values in what is sent: where each stands, which look as if drawn by lot, which are secrets by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

Key = tuple[str | int, ...]

_UUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
IS_UUID = re.compile(_UUID)
_WORD = re.compile(rf"{_UUID}|[\w.~+=-]{{8,}}")
_HEX = re.compile(r"[0-9a-fA-F]{8,}")
_LONG = 16  # characters; shorter ones with a digit are versions, classes and names, as often as not
# Words that begin or end a name: `password`, `user_token`, `X-Api-Key`; not `author`, not `tokens_left`.
_SECRET = re.compile(
    r"(?i)(?:^|[_\-. ])(?:pass(?:word|wd|phrase|code)?|pwd|secret|\w*token|api[-_ ]?key|authorization|credentials?"
    r"|otp|pin|jwt|bearer|cookie|session(?:[-_ ]?id)?)$"
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def leaves(value: Any, key: Key = ()) -> Iterator[tuple[Key, str | int | float]]:
    """Yield the texts and numbers of a JSON value, each with the keys that lead to it."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from leaves(item, (*key, name))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from leaves(item, (*key, index))
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield key, value


def replace_leaves(value: Any, change: Callable[[Key, Any], Any], key: Key = ()) -> Any:
    """Return a JSON value with each text and number changed."""
    if isinstance(value, dict):
        return {name: replace_leaves(item, change, (*key, name)) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(replace_leaves(item, change, (*key, index)) for index, item in enumerate(value))
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return change(key, value)
    return value


def last_name(key: Key) -> str:
    """Return the name nearest to a leaf, of the keys that lead to it; "" where there are indices alone."""
    return next((part for part in reversed(key) if isinstance(part, str)), "")


def is_secret_name(name: str) -> bool:
    """Return whether what stands under a name is a secret."""
    return bool(_SECRET.search(_CAMEL.sub("_", name)))


def looks_random(text: str) -> bool:
    """Return whether a text looks as if drawn by lot: a UUID, a hexadecimal number, a mix of letters and digits."""
    if IS_UUID.fullmatch(text):
        return True
    has_both = any(char.isdigit() for char in text) and any(char.isalpha() for char in text)
    return has_both and (len(text) >= _LONG or bool(_HEX.fullmatch(text))) and not re.search(r"\s", text)


def random_words(text: str) -> list[str]:
    """Return the parts of a text that look random, the text itself where it does."""
    if looks_random(text) and _WORD.fullmatch(text):
        return [text]
    return [word for word in dict.fromkeys(_WORD.findall(text)) if looks_random(word)]
