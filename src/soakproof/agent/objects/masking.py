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
_NAME = (
    r"[\w.-]{0,80}(?:token|secret|passw(?:or)?d|passphrase|passwd|pwd|api[_-]?key|access[_-]?key|private[_-]?key|jwt"
    r"|authorization|cookie|credential|session[_-]?id)[\w.-]{0,40}"
)
_HEADER = re.compile(r"(?im)(?P<name>\b(?:proxy-)?(?:authorization|(?:set-)?cookie)\s*:\s*)(?=[^\s\"'*])[^\n|\"']+")
_QUOTED = re.compile(rf"(?i)(?P<name>(?<![\w.-]){_NAME}[\"']?\s*[:=]\s*)(?P<quote>[\"'])(?:(?!(?P=quote)).)+")
_NAMED = re.compile(rf"(?i)(?P<name>(?:(?<![\w.-]){_NAME}|(?<=[?&])sid)\s*[:=]\s*)[^\s\"'&,;}}]+")
_OPTION = re.compile(rf"(?i)-{{1,2}}{_NAME}")
_GIVEN = re.compile(rf"(?i)(?P<option>(?<![\w-])-{{1,2}}{_NAME}\s+)(?P<quote>[\"']?)(?!-)[^\s\"']+")
_SCHEME = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}")
_ADDRESS = re.compile(r"(?P<before>(?<!\w)\w+://(?:[^/\s:@]*:)?)[^/\s\"']+@(?=[\w\[])")
_JSON_TOKEN = re.compile(r"\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*")
_ISSUED = re.compile(  # as those who issue tokens have them begin, so that they are found where they leak
    r"\b(?:gh[opsur]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeprs]-[\w-]{10,}|[rs]k[-_](?:live|test|proj)[-_][\w-]{10,}"
    r"|AKIA[0-9A-Z]{16}|AIza[\w-]{30,})"
)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_SESSION = re.compile(  # Engine.IO's have 20 characters, UUIDs and digests 32 and more
    r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{16,}"
)


def mask(text: str) -> str:
    """Return a text without what looks like a secret."""
    text = _ADDRESS.sub(rf"\g<before>{MASK}@", text)
    text = _SCHEME.sub(rf"\1 {MASK}", text)
    text = _JSON_TOKEN.sub(MASK, text)
    text = _ISSUED.sub(MASK, text)
    text = _HEADER.sub(rf"\g<name>{MASK}", text)
    text = _QUOTED.sub(rf"\g<name>\g<quote>{MASK}", text)
    text = _NAMED.sub(rf"\g<name>{MASK}", text)
    text = _GIVEN.sub(rf"\g<option>\g<quote>{MASK}", text)
    return _EMAIL.sub(SOMEBODY, text)


def mask_key(key: str) -> str:
    """Return a key of a dictionary, or a name: of what is a session's, or a person's, what it is alone."""
    return _SESSION.sub(SESSION, mask(key))


def mask_command(words: Sequence[str]) -> list[str]:
    """Return a command line without its secrets: also those that are a word behind the option that names them."""
    return [
        MASK if at and _OPTION.fullmatch(words[at - 1]) and not word.startswith("-") else mask(word)
        for at, word in enumerate(words)
    ]


def is_secret_name(name: str) -> bool:
    """Tell whether what goes by that name is a secret."""
    return re.fullmatch(f"(?i){_NAME}", name) is not None
