"""The Locust file of a recording."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from soakproof.load.options import DEFAULT_PATHS
from soakproof.record.lifting import Lifted, Lifter, Taking
from soakproof.record.literals import WIDTH, filled, has_placeholders, literal
from soakproof.record.tape import Tape
from soakproof.record.visits import Visit, bare, read_visits, select

SHORTEST_WAIT_S = 0.05
_INDENT = " " * 8


class Script:
    """The text of the file, and what is to be said of it: its users' ways of leaving, variables, what was left out."""

    def __init__(self, tape: Tape, longest_wait_s: float, name: str) -> None:
        self.visits = read_visits(tape)
        self.variables: list[str] = []
        self.unlifted: list[str] = []
        self.drops = list(dict.fromkeys(visit.conversation.leaving for visit in self.visits))
        self.command = f"soakproof run -f {name} --drop {','.join(self.drops)} -- COMMAND"
        self._tape = tape
        self._longest_wait_s = longest_wait_s
        self._users: set[str] = set()
        self._sleeps = False

    def write(self) -> str:
        """Return the file."""
        classes = [self._write_class(index, visit) for index, visit in enumerate(self.visits)]
        return "\n".join([*self._head(), *(line for lines in classes for line in ("", "", *lines)), ""])

    def _head(self) -> Iterator[str]:
        yield f'"""What {_number(self.visits)} of {self._tape.origin} did, as `soakproof record` saw it.'
        yield "\nLook through it, then soak the server:\n"
        yield f"    {self.command}"
        if self.variables:
            yield "\nSecrets are not in here; each comes from a variable of the environment:\n"
            yield from (f"    export {name}=..." for name in self.variables)
        yield '"""\n'
        if self._sleeps:
            yield "import gevent"
        yield "from locust import constant, task\n"
        wanted = (["need_variables"] if self.variables else []) + sorted(self._users)
        yield f"from soakproof.load import {', '.join(sorted(wanted))}"
        if self.variables:
            yield f"\nneed_variables({', '.join(map(literal, self.variables))})"

    def _write_class(self, index: int, visit: Visit) -> list[str]:
        cookies, steps = self._lift(visit)
        conversation = visit.conversation
        base = "SocketIOUser" if conversation.protocol == "socketio" else "WebSocketUser"
        self._users.add(base)
        at = next(number for number, lifted in enumerate(steps) if lifted.step.kind == "connect")
        return [
            f"class RecordedUser{index + 1 if index else ''}({base}):",
            f'    """{_describe(visit)}"""',
            "",
            f'    drops = {{"{conversation.leaving}": 1.0}}',
            "    wait_time = constant(86_400)  # stays connected until it is told to leave",
            "",
            "    def on_start(self) -> None:",
            '        """Come as the client came."""',
            *(f"{_INDENT}self.http.cookies.set({literal(name)}, {filled(value)})" for name, value in cookies.items()),
            *(line for lifted in steps[: at + 1] for line in self._write_step(lifted, visit)),
            "",
            "    @task",
            "    def visit(self) -> None:",
            '        """Do what the client did once it was connected."""',
            *([line for lifted in steps[at + 1 :] for line in self._write_step(lifted, visit)] or [f"{_INDENT}pass"]),
            *(f"{_INDENT}# left out: {line}" for line in visit.left_out),
        ]

    def _lift(self, visit: Visit) -> tuple[dict[str, str], list[Lifted]]:
        """Lift twice: a secret may have been sent before something said that it is one."""
        first = Lifter(visit, self._tape.fresh)
        first.lift()
        lifter = Lifter(visit, self._tape.fresh, dict(first.secrets))
        cookies, steps = lifter.lift()
        self.variables += [name for name in lifter.secrets.values() if name not in self.variables]
        self.unlifted += lifter.unlifted
        needed = {id(lifted.step) for lifted in steps if lifted.takings}
        kept = {id(step) for step in select([lifted.step for lifted in steps], needed)}
        return cookies, [lifted for lifted in steps if id(lifted.step) in kept]

    def _write_step(self, lifted: Lifted, visit: Visit) -> Iterator[str]:
        step = lifted.step
        if step.wait_s > SHORTEST_WAIT_S and step.kind in {"emit", "call"}:
            self._sleeps = True
            waited = f"  # the client waited {step.wait_s:.1f} s" if step.wait_s > self._longest_wait_s else ""
            yield f"{_INDENT}gevent.sleep({min(step.wait_s, self._longest_wait_s):.2g}){waited}"
        call = _call(lifted, visit)
        taken = [taking for taking in lifted.takings if taking.source == "answer"]
        yield f"{_INDENT}{'answer = ' if taken else ''}{call}"
        yield from (_INDENT + _take(taking, lifted) for taking in lifted.takings if taking.source != "page")


def _call(lifted: Lifted, visit: Visit) -> str:
    """Return the call of the user's that does a step."""
    step = lifted.step
    match step.kind:
        case "page":
            return f"self.page({literal(lifted.path, is_filled=True)}{_takes(lifted)})"
        case "request":
            return _request(lifted)
        case "connect":
            return _connect(lifted, visit)
        case "receive":
            return "self.receive()" if _is_plain(visit) else f"self.wait_for({literal(step.name)})"
        case _ if _is_plain(visit):
            return f"self.send({filled(lifted.said, 18)})"
        case kind:
            payload = f", {filled(lifted.said, 24)}" if lifted.said is not None else ""
            return f"self.{kind}({literal(step.name)}{payload})"


def _request(lifted: Lifted) -> str:
    exchange = lifted.step.exchange
    assert exchange is not None
    takes = _takes(lifted)
    if (
        exchange.method == "POST"
        and lifted.body_kind != "none"
        and (takes or (lifted.has_secret and not lifted.headers))
    ):
        kind = "form" if lifted.body_kind == "form" else "json"
        path, said = literal(lifted.path, is_filled=True), literal(lifted.said, 40, is_filled=True)
        return f"self.login({path}, {kind}={said}{takes})"
    how = {"json": "json", "form": "data"}.get(lifted.body_kind)
    body = f", {how}={filled(lifted.said, 40)}" if how else ""
    headers = f", headers={filled(lifted.headers, 40)}" if lifted.headers else ""
    name = f", name={literal(bare(exchange.path))}" if has_placeholders(lifted.path) or "?" in lifted.path else ""
    return f"self.http.{exchange.method.lower()}({filled(lifted.path)}{name}{body}{headers})"


def _takes(lifted: Lifted) -> str:
    takes = {taking.name: taking.where for taking in lifted.takings if taking.source == "page"}
    return f", take={literal(takes, 24)}" if takes else ""


def _connect(lifted: Lifted, visit: Visit) -> str:
    """Return the connecting, with what differs from how soakproof connects anyway."""
    conversation = visit.conversation
    path = lifted.path.rstrip("/") if conversation.protocol == "socketio" else lifted.path
    changes: dict[str, Any] = {
        "path": type(lifted.path)(path) if path != DEFAULT_PATHS[conversation.protocol] else "",
        "namespace": conversation.namespace if conversation.namespace != "/" else "",
        "transports": conversation.transports if conversation.transports != ("websocket",) else (),
        "query": lifted.query,
        "headers": lifted.headers,
        "auth": lifted.said,
    }
    given = [f"{name}={literal(value, 13 + len(name), 12, is_filled=True)}" for name, value in changes.items() if value]
    line = f"self.connect({', '.join(given)})"
    if len(_INDENT + line) <= WIDTH and "\n" not in line:
        return line
    return "self.connect(\n" + "".join(f"            {each},\n" for each in given) + f"{_INDENT})"


def _take(taking: Taking, lifted: Lifted) -> str:
    """Return the line that keeps a value for later."""
    if taking.source == "sid":
        return f"self.identity.take({literal(taking.name)}, self.sio.sid)"
    if taking.source == "cookie":
        return f"self.identity.take({literal(taking.name)}, self.http.cookies[{literal(taking.where)}])"
    is_http = lifted.step.exchange is not None
    value = "answer.json()" if is_http else "answer"
    value += "".join(f"[{literal(part)}]" for part in taking.where)
    return (
        f"self.{taking.name} = {value}" if taking.is_number else f"self.identity.take({literal(taking.name)}, {value})"
    )


def _describe(visit: Visit) -> str:
    """Say in a line what a visit was."""
    conversation = visit.conversation
    said = sum(step.kind in {"emit", "call"} for step in visit.steps)
    answered = sum(step.kind == "call" for step in visit.steps)
    pages = sum(step.kind == "page" for step in visit.steps)
    path = bare(conversation.path)
    if conversation.protocol == "websocket":
        what = f"a WebSocket at {path}, {_count(said, 'message')} sent"
    else:
        what = f"Socket.IO at {path}, {_count(said, 'event')} sent, {answered} of them acknowledged"
    before = f"{_count(pages, 'page')}, then " if pages else ""
    line = f"{before}{what}; left by {conversation.leaving}."
    return line[:1].upper() + line[1:]


def _is_plain(visit: Visit) -> bool:
    return visit.conversation.protocol == "websocket"


def _number(visits: list[Visit]) -> str:
    return "a client" if len(visits) == 1 else f"{len(visits)} clients"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
