"""Lifting: what belongs to one session is taken anew by each client, and secrets come from the environment.

A value that the client sends is followed back to where it stood first. In an answer of the server's: it is taken from
there. In nothing before: the client has made it, and each client makes its own (``{uuid NAME}``) where it looks as if
drawn by lot. Under a name that says so, it is a secret: ``{env NAME}``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from soakproof.record.conversation import Conversation
from soakproof.record.patterns import find_pattern
from soakproof.record.values import (
    IS_UUID,
    Key,
    is_secret_name,
    last_name,
    leaves,
    looks_random,
    random_words,
    replace_leaves,
)
from soakproof.record.visits import Step, Visit, bare, read_answer, read_body

SHORTEST_PART = 6  # characters; shorter values are replaced where they are all of a text, and not within one
SHORTEST_SECRET = 4
_OWN_QUERY = frozenset({"EIO", "transport", "sid", "t", "j", "b64"})  # Engine.IO's
# What browsers and HTTP libraries say by themselves.
_USUAL = re.compile(
    r"(?i)^(host|connection|upgrade.*|pragma|cache-control|user-agent|accept.*|origin|referer|sec-.*|cookie|dnt|priority"
    r"|content-.*|te|if-.*|range|transfer-encoding|x-requested-with)$"
)


class Filled(str):
    """A text with placeholders that are to be filled in."""

    __slots__ = ()


class Variable(NamedTuple):
    """A number that is an attribute of the user's, by name."""

    name: str


@dataclass(slots=True)
class Taking:
    """How a value is taken after a step: from the page, a cookie, the answer (where keys lead), or the connection."""

    name: str
    source: str
    where: Any
    is_number: bool = False


@dataclass(slots=True)
class Lifted:
    """A step whose values are no session's: what is sent, and what is taken from the answer."""

    step: Step
    path: str = ""
    query: Any = None
    headers: Any = None
    said: Any = None
    body_kind: str = "none"
    has_secret: bool = False
    takings: list[Taking] = field(default_factory=list)


class Lifter:
    """Lifts one visit. ``secrets`` are names of the environment by value; ``unlifted`` what could not be taken anew."""

    def __init__(self, visit: Visit, fresh: dict[str, str], secrets: dict[str, str] | None = None) -> None:
        self.secrets = secrets or {}
        self.unlifted: list[str] = []
        self._visit = visit
        self._fresh = fresh
        self._known: dict[str, str] = {value: f"{{env {name}}}" for value, name in self.secrets.items()}
        self._numbers: dict[tuple[str, float], Variable] = {}
        self._names: set[str] = set()
        self._sent = [list(_sent_by(step, visit.conversation)) for step in visit.steps]
        self._met: set[Any] = set()

    def lift(self) -> tuple[dict[str, str], list[Lifted]]:
        """Return the cookies to begin with, and the steps."""
        cookies = self._lift_cookies()
        return cookies, [self._lift_step(index, step) for index, step in enumerate(self._visit.steps)]

    def _lift_cookies(self) -> dict[str, str]:
        """Return the cookies that the client had before the recording began."""
        first = self._visit.steps[0]
        had = first.exchange.cookies if first.exchange is not None else self._visit.conversation.cookies
        return {name: self._as_secret(value, name) for name, value in had.items() if value}

    def _lift_step(self, index: int, step: Step) -> Lifted:
        lifted = Lifted(step)
        if step.exchange is not None:
            body = read_body(step.exchange)
            lifted.path = self._fill_path(step.exchange.path)
            lifted.headers = self._fill(own_headers(step.exchange.headers))
            lifted.body_kind, value = body or ("none", None)
            lifted.said = self._fill(value)
            lifted.has_secret = any(is_secret_name(last_name(key)) and text for key, text in leaves(value))
        elif step.kind == "connect":
            conversation = self._visit.conversation
            lifted.path = self._fill_path(urlsplit(conversation.path).path)
            lifted.query = self._fill(own_query(conversation))
            lifted.headers = self._fill(own_headers(conversation.headers))
            lifted.said = self._fill(conversation.auth)
        else:
            lifted.said = self._fill(step.said)
        for key, value in self._sent[index]:
            self._met.add(value if isinstance(value, str) else (last_name(key).lower(), value))
        self._learn(index, lifted)
        return lifted

    def _learn(self, index: int, lifted: Lifted) -> None:
        """Find what the client sends later, and nobody has said before, in what the server says now."""
        for key, value in [used for sent in self._sent[index + 1 :] for used in sent]:
            if isinstance(value, str):
                for word in dict.fromkeys([value, *random_words(value)]):
                    if word and word not in self._known and word not in self._met:
                        self._take_text(lifted, last_name(key), word)
            elif (last_name(key).lower(), value) not in self._numbers.keys() | self._met:
                self._take_number(lifted, last_name(key), value)

    def _take_text(self, lifted: Lifted, name: str, value: str) -> None:
        found = self._find(lifted.step, name, value)
        if found is not None:
            source, where = found
            named = name or (last_name(where) if source == "answer" else "")
            taking = Taking(self._name(named), source, where)
            lifted.takings.append(taking)
            self._known[value] = f"{{taken {taking.name}}}"

    def _take_number(self, lifted: Lifted, name: str, value: float) -> None:
        answer = lifted.step.answer if lifted.step.exchange is None else read_answer(lifted.step.exchange)
        for key, found in leaves(answer):
            if found == value and not isinstance(found, str) and _are_related(last_name(key), name):
                taking = Taking(self._name(name), "answer", key, is_number=True)
                lifted.takings.append(taking)
                self._numbers[name.lower(), value] = Variable(taking.name)
                return

    def _find(self, step: Step, name: str, value: str) -> tuple[str, Any] | None:
        """Return where a step's answer holds a text."""
        is_random = looks_random(value)
        if step.kind == "connect":
            return ("sid", None) if value and value == (self._visit.conversation.sids or ("",))[-1] else None
        answer = step.answer
        if step.exchange is not None:
            for cookie, given in step.exchange.given.items():
                if given == value:
                    return "cookie", cookie
            answer = read_answer(step.exchange)
            if holds_takes(step) and answer is None and is_random and value in step.exchange.text:
                return self._find_in_page(step, name, value)
        for key, found in leaves(answer):
            if found == value and (is_random or _are_related(last_name(key), name)):
                return "answer", key
        return None

    def _find_in_page(self, step: Step, name: str, value: str) -> tuple[str, Any] | None:
        assert step.exchange is not None
        is_anybodys = step.kind == "page" and not step.exchange.cookies
        fresh = self._fresh.get(step.exchange.path) if is_anybodys else None
        pattern = find_pattern(value, step.exchange.text, fresh)
        if pattern is None:
            self.unlifted.append(f"{name or 'a value'}, which {bare(step.exchange.path)} holds")
        return ("page", pattern) if pattern is not None else None

    def _fill(self, value: Any) -> Any:
        return replace_leaves(value, lambda key, leaf: self._fill_leaf(last_name(key), leaf))

    def _fill_leaf(self, name: str, leaf: Any) -> Any:
        if not isinstance(leaf, str):
            return self._numbers.get((name.lower(), leaf), leaf)
        text = self._put_known(leaf)
        if text == leaf and leaf and is_secret_name(name):
            return self._as_secret(leaf, name)
        for word in random_words(text) if text == leaf else ():
            self._known[word] = "{uuid}" if IS_UUID.fullmatch(word) and not self._has_uuid() else self._own(name)
            text = text.replace(word, self._known[word])
        return Filled(text) if text != leaf else leaf

    def _put_known(self, text: str) -> str:
        if text in self._known:
            return self._known[text]
        for value in sorted(self._known, key=len, reverse=True):
            if len(value) >= SHORTEST_PART and value in text:
                text = text.replace(value, self._known[value])
        return text

    def _fill_path(self, path: str) -> str:
        """Return a path whose session's values are filled in; those of its query by their names."""
        filled: str = self._fill_leaf("", path)
        for name, value in parse_qsl(urlsplit(path).query):
            if is_secret_name(name) and value in filled:
                filled = Filled(filled.replace(value, self._as_secret(value, name)))
        return filled

    def _as_secret(self, value: str, name: str) -> str:
        if value in self._known:
            return Filled(self._known[value])
        scheme, blank, token = value.partition(" ")
        if blank and scheme.lower() in {"bearer", "basic", "token"}:
            return Filled(f"{scheme} {self._as_secret(token, name)}")
        variable = self._name(name).upper()
        if len(value) >= SHORTEST_SECRET:
            self._known[value] = f"{{env {variable}}}"
        self.secrets[value] = variable
        return Filled(f"{{env {variable}}}")

    def _has_uuid(self) -> bool:
        return "{uuid}" in self._known.values()

    def _own(self, name: str) -> str:
        return f"{{uuid {self._name(name or 'value')}}}"

    def _name(self, name: str) -> str:
        """Return a name for a value, one that no other has."""
        plain = re.sub(r"\W+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)).strip("_").lower() or "value"
        plain = f"value_{plain}" if plain[0].isdigit() else plain
        number = next(
            n for n in range(1, len(self._names) + 2) if (plain if n == 1 else f"{plain}_{n}") not in self._names
        )
        unique = plain if number == 1 else f"{plain}_{number}"
        self._names.add(unique)
        return unique


def holds_takes(step: Step) -> bool:
    """Return whether patterns can take something from what a step gets: a page, or what a posted form leads to."""
    exchange = step.exchange
    if exchange is None or "json" in exchange.answer_type:
        return False
    return step.kind == "page" or (exchange.method == "POST" and not own_headers(exchange.headers))


def own_query(conversation: Conversation) -> dict[str, str]:
    """Return the parameters of a connection that are the application's."""
    query = dict(parse_qsl(urlsplit(conversation.path).query, keep_blank_values=True))
    if conversation.protocol == "websocket":
        return query
    return {name: value for name, value in query.items() if name not in _OWN_QUERY}


def own_headers(headers: dict[str, str]) -> dict[str, str]:
    """Return the headers that the application's own code has set."""
    kept = {name: value for name, value in headers.items() if not _USUAL.match(name)}
    if protocol := headers.get("sec-websocket-protocol"):
        kept["sec-websocket-protocol"] = protocol
    return kept


def _are_related(server: str, client: str) -> bool:
    """Whether two names may be those of the same thing: ``id`` of the answer is ``room_id`` of what is sent next."""
    server, client = server.lower(), client.lower()
    return bool(server) and (server == client or (server.endswith("id") and client.endswith("id")))


def _sent_by(step: Step, conversation: Conversation) -> Iterator[tuple[Key, Any]]:
    """Yield what the client sends in a step, texts and numbers, by the keys that lead to each."""
    if step.exchange is not None:
        body = read_body(step.exchange)
        yield from leaves([*random_words(step.exchange.path)])
        yield from leaves(own_headers(step.exchange.headers))
        yield from leaves(body[1] if body else None)
    elif step.kind == "connect":
        yield from leaves([urlsplit(conversation.path).path])
        yield from leaves([own_query(conversation), own_headers(conversation.headers), conversation.auth])
    else:
        yield from leaves(step.said)
