"""Characters that a terminal, or a reader's eye, takes for something else than text: none is taken out of a run.

What a target says (names, keys, exceptions, its log) may hold escape sequences that move the cursor, rename the window
or write to the clipboard, and marks that turn the order of a line around. In their place stands U+FFFD.
"""

from __future__ import annotations

import re

_TURNING = "\u202a-\u202e\u2066-\u2069"
_TEXT = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_TURNING}]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_SIGNS = (b"\\u00", b"\\u20", b"\x7f", b"\xc2", b"\xe2")  # one of them is in every line that holds any
_JSON = re.compile(
    rb"(?<!\\)((?:\\\\)*)\\u(?:00[01][0-9a-f]|00(?:7f|[89][0-9a-f])|202[a-e]|206[6-9])"  # escaped
    rb"|\x7f|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]",  # in UTF-8 as it is
    re.IGNORECASE,
)


def plain(text: str) -> str:
    """Return a text of which every character is shown, or moves to the next line or column."""
    return _TEXT.sub(_REPLACEMENT, text)


def plain_json(line: bytes) -> bytes:
    """Return a line of JSON whose texts have such characters alone; most have, and cost no more than a look."""
    if not any(sign in line for sign in _SIGNS):
        return line
    return _JSON.sub(lambda found: (found[1] or b"") + _REPLACEMENT.encode(), line)
