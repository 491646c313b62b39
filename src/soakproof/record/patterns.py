"""Patterns that take a value out of a page: a CSS selector where a form or a meta tag holds it, else its context."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from selectolax.lexbor import LexborHTMLParser

from soakproof.errors import ConfigError
from soakproof.load.visit.take import parse_take
from soakproof.record.values import IS_UUID, random_words

_CONTEXTS = (12, 20, 32, 48, 80, 130, 200, 320)  # characters before a value; the fewest that tell it from all others
_ANY_WORD = r"[\w.~+=-]+"
_UUID_PATTERN = "([0-9a-fA-F-]{36})"


def find_pattern(value: str, page: str, fresh: str | None = None) -> str | None:
    """Return the pattern that finds a value, and nothing else, in a page, as ``--take`` writes it; None if none does.

    Args:
        value: What is to be taken.
        page: The page that held it.
        fresh: The same page as another visitor got it: the pattern must find just one value there too.
    """
    for pattern in (*_selectors(value, page), *_contexts(value, page)):
        if _finds(pattern, page) == [value] and (fresh is None or len(_finds(pattern, fresh)) == 1):
            return pattern
    return None


def _finds(pattern: str, page: str) -> Sequence[str]:
    try:
        return parse_take(f"value={pattern}").find(page)
    except ConfigError:
        return []


def _selectors(value: str, page: str) -> Iterator[str]:
    for tag, attribute in (("input", "value"), ("meta", "content")):
        for node in LexborHTMLParser(page).css(f"{tag}[name]"):
            if node.attributes.get(attribute) == value and '"' not in (name := node.attributes.get("name") or '"'):
                yield f'css:{tag}[name="{name}"]'


def _contexts(value: str, page: str) -> Iterator[str]:
    group = _UUID_PATTERN if IS_UUID.fullmatch(value) else _group(value)
    for match in re.finditer(re.escape(value), page):
        before = page[max(match.start() - _CONTEXTS[-1], 0) : match.start()].rpartition("\n")[2]
        after = page[match.end() : match.end() + 1]
        end = re.escape(after) if after in {'"', "'", "<", "&"} else ""
        for length in _CONTEXTS:
            yield f"regex:{_generalise(_from_a_word(before, length))}{group}{end}"
            if length >= len(before):
                break


def _group(value: str) -> str:
    return r"([\w.~+=-]+)" if re.fullmatch(r"[\w.~+=-]+", value) else r"([^\"'<>\s]+)"


def _from_a_word(before: str, length: int) -> str:
    """Return the end of a text, at least so long that it begins with a whole word."""
    cut = re.search(r"[\w.~+=-]*$", before[:-length])
    return before[cut.start() if cut else 0 :].lstrip(" ,;")


def _generalise(context: str) -> str:
    """Return a context as a pattern in which what belongs to one session may be anything."""
    pattern = _escape(context)
    for word in random_words(context):
        pattern = pattern.replace(_escape(word), _ANY_WORD)
    return pattern


def _escape(text: str) -> str:
    """Escape what is special in a regular expression, and no more: a person reads it."""
    return re.sub(r"[\\.^$*+?{}\[\]|()]", r"\\\g<0>", text)
