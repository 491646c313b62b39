"""Visits: what one visitor did, step by step: pages and requests, one connection, what was said over it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from soakproof.record.conversation import Conversation, Happening
from soakproof.record.engine import is_polling, read_conversations
from soakproof.record.tape import Exchange, Tape
from soakproof.record.values import random_words

Kind = Literal["page", "request", "connect", "emit", "call", "receive"]
# Fetch Metadata (W3C), Sec-Fetch-Dest: what pages load by themselves, and no client of a soak needs.
_PARTS = frozenset({
    "script", "style", "image", "font", "manifest", "audio", "video", "track", "worker", "sharedworker",
    "serviceworker", "embed", "object",
})  # fmt: skip
_PART_TYPES = ("text/css", "text/javascript", "application/javascript", "image/", "font/", "audio/", "video/")
_QUICKLY_S = 1.0  # an event that comes so soon after what the client did is taken for the answer to it
_ERROR, _REDIRECTS = 400, range(300, 400)  # RFC 9110, section 15


@dataclass(slots=True)
class Step:
    """One thing a visitor does; ``said`` and ``answer`` are what a socket's step sends and gets, as JSON values.

    ``wait_s`` is how long the visitor waited before it.
    """

    at_s: float
    kind: Kind
    name: str = ""
    said: Any = None
    answer: Any = None
    exchange: Exchange | None = None
    wait_s: float = 0.0


@dataclass(slots=True)
class Visit:
    """A visitor's steps before its connection, the connection, and the steps after it."""

    conversation: Conversation
    steps: list[Step] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def read_visits(tape: Tape) -> list[Visit]:
    """Return the visits of a recording, in the order of their connections."""
    visits = [Visit(each, left_out=list(each.left_out)) for each in read_conversations(tape)]
    for exchange in tape.exchanges:
        if visits and not is_polling(exchange) and exchange.method not in {"OPTIONS", "HEAD"}:
            _put(exchange, visits)
    for visit in visits:
        visit.steps.append(Step(visit.conversation.at_s, "connect"))
        visit.steps += _spoken(visit.conversation.happenings)
        visit.steps.sort(key=lambda step: step.at_s)
        visit.steps = [step for step in visit.steps if step.kind != "receive" or step.name or step.answer is not None]
        _time(visit.steps)
        _sum_up(visit)
    return visits


def is_page(exchange: Exchange) -> bool:
    """Return whether a request is for a page that a person goes to."""
    dest = exchange.headers.get("sec-fetch-dest")
    is_html = exchange.answer_type in {"text/html", "application/xhtml+xml"}
    return exchange.method == "GET" and (dest == "document" if dest else is_html or exchange.status in _REDIRECTS)


def read_body(exchange: Exchange) -> tuple[str, Any] | None:
    """Return a request's body as ``json`` or ``form`` and its value; None for one that is neither."""
    content_type = exchange.headers.get("content-type", "")
    try:
        if "json" in content_type:
            return "json", json.loads(exchange.body)
        if content_type.startswith("application/x-www-form-urlencoded"):
            return "form", dict(parse_qsl(exchange.body.decode(), keep_blank_values=True))
    except ValueError:
        return None
    return ("none", None) if not exchange.body else None


def read_answer(exchange: Exchange) -> Any:
    """Return an answer's JSON; None where it has none."""
    try:
        return json.loads(exchange.answer) if "json" in exchange.answer_type else None
    except ValueError:
        return None


def _put(exchange: Exchange, visits: list[Visit]) -> None:
    """Give an exchange to a visit: one that begins with a page leads to the next connection."""
    number = sum(visit.conversation.at_s <= exchange.at_s for visit in visits)
    has_page = number < len(visits) and any(step.kind == "page" for step in visits[number].steps)
    visit = visits[number] if number == 0 or (number < len(visits) and (has_page or is_page(exchange))) else None
    visit = visit or visits[number - 1]
    if _is_part(exchange):
        visit.left_out.append("parts")
    elif exchange.status >= _ERROR or not exchange.status:
        visit.left_out.append(f"{exchange.method} {bare(exchange.path)}: answered {exchange.status or 'by nobody'}")
    elif read_body(exchange) is None:
        visit.left_out.append(
            f"{exchange.method} {bare(exchange.path)}: a body of {len(exchange.body)} bytes, neither JSON nor a form"
        )
    elif not _is_redirected_to(exchange, visit.steps):
        visit.steps.append(Step(exchange.at_s, "page" if is_page(exchange) else "request", exchange=exchange))


def _is_part(exchange: Exchange) -> bool:
    dest = exchange.headers.get("sec-fetch-dest")
    named = urlsplit(exchange.path).path.rpartition("/")[2]
    return dest in _PARTS or exchange.answer_type.startswith(_PART_TYPES) or named in {"favicon.ico", "robots.txt"}


def _is_redirected_to(exchange: Exchange, steps: list[Step]) -> bool:
    """Whether the step before was redirected here: then it follows by itself, and gets this answer."""
    before = steps[-1].exchange if steps else None
    if before is None or before.status not in _REDIRECTS or before.location is None:
        return False
    if urlsplit(before.location)[2:4] != urlsplit(exchange.path)[2:4]:
        return False
    before.status, before.location = exchange.status, exchange.location
    before.answer, before.answer_type = exchange.answer, exchange.answer_type
    before.given |= exchange.given
    return True


def bare(path: str) -> str:
    """Return a path without its query and what looks random: they may hold what is nobody's business."""
    path = urlsplit(path).path
    for word in random_words(path):
        path = path.replace(word, "...")
    return path


def _spoken(happenings: list[Happening]) -> list[Step]:
    """Return what was said over a connection as steps: calls with their acknowledgements, events worth waiting for."""
    answers = {each.ack_id: each.payload for each in happenings if each.kind == "answer"}
    steps = []
    for each in happenings:
        if each.kind == "receive":
            steps.append(Step(each.at_s, "receive", each.name, answer=each.payload))
        elif each.kind != "answer":
            is_answered = each.kind == "call" and each.ack_id in answers
            steps.append(
                Step(each.at_s, "call" if is_answered else "emit", each.name, each.payload, answers.get(each.ack_id))
            )
    return steps


def select(steps: list[Step], needed: set[int]) -> list[Step]:
    """Return the steps without the events that need no waiting for.

    Waited for is, of each name, the first that came soon after something the client did; and each that something is
    taken from (``needed``, by their ids), with those of its name before it, since events are waited for in their order.
    """
    names = {step.name: index for index, step in enumerate(steps) if id(step) in needed}
    kept, seen, did_s = [], set[str](), float("-inf")
    for index, step in enumerate(steps):
        if step.kind != "receive":
            seen, did_s = set(), step.at_s
            kept.append(step)
        elif index <= names.get(step.name, -1) or (step.name not in seen and step.at_s <= did_s + _QUICKLY_S):
            seen.add(step.name)
            kept.append(step)
    _time(kept)
    return kept


def _time(steps: list[Step]) -> None:
    """Say of each step of the client's how long it waited before."""
    for before, step in pairwise(steps):
        is_own = step.kind in {"emit", "call", "request", "page"}
        step.wait_s = max(step.at_s - before.at_s, 0.0) if is_own else 0.0


def _sum_up(visit: Visit) -> None:
    """Count what was left out, in a line per kind."""
    counted = Counter(visit.left_out)
    parts = counted.pop("parts", 0)
    visit.left_out = [f"{parts} scripts, styles, images and the like"] if parts else []
    visit.left_out += [f"{line} ({times} times)" if times > 1 else line for line, times in counted.items()]
