"""Secrets in what is said of the target: tokens, passwords, people and sessions are masked before anything is told.

Both sides use it: the agent for keys and texts of exceptions, the harness for commands, logs and errors. It is a guess
by names and shapes: what neither is named like a secret nor looks like one is told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

MASK = "***"
SOMEBODY = "<e-mail>"
SESSION = "<session>"
_NAME = r"[\w.-]*(?:token|secret|passw(?:or)?d|api[_-]?key|authorization|cookie|credential|session[_-]?id)[\w.-]*"
_NAMED = re.compile(rf"(?i)(?P<name>{_NAME}[\"']?\s*[:=]\s*)(?P<quote>[\"']?)[^\s\"'&,;}}]+")
_OPTION = re.compile(rf"(?i)-{{1,2}}{_NAME}")
_SCHEME = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}")
_ADDRESS = re.compile(r"(\w+://[^/\s:@]*:)[^/\s@]+@")
_JSON_TOKEN = re.compile(r"\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_SESSION = re.compile(
    r"(?=.*\d)(?=.*[A-Za-z])[\w-]{16,}"
)  # Engine.IO's have 20 characters, UUIDs and digests 32 and more


def mask(text: str) -> str:
    """Return a text without what looks like a secret."""
    text = _ADDRESS.sub(rf"\1{MASK}@", text)
    text = _SCHEME.sub(rf"\1 {MASK}", text)
    text = _JSON_TOKEN.sub(MASK, text)
    text = _NAMED.sub(rf"\g<name>\g<quote>{MASK}", text)
    return _EMAIL.sub(SOMEBODY, text)


def mask_key(key: str) -> str:
    """Return a key of a dictionary: of one that is a session's, what it is alone."""
    return SESSION if _SESSION.fullmatch(key) else mask(key)


def mask_command(words: Sequence[str]) -> list[str]:
    """Return a command line without its secrets: also those that are a word behind the option that names them."""
    return [
        MASK if at and _OPTION.fullmatch(words[at - 1]) and not word.startswith("-") else mask(word)
        for at, word in enumerate(words)
    ]


def is_secret_name(name: str) -> bool:
    """Tell whether what goes by that name is a secret."""
    return re.fullmatch(f"(?i){_NAME}", name) is not None
