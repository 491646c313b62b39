"""What an agent answers, checked where it comes in: whoever it is, nothing but an AgentError comes of it."""

from __future__ import annotations

import json
from typing import Any

from soakproof.errors import AgentError

NEEDED: dict[str, dict[str, type]] = {
    "hello": {"pid": int, "versions": dict, "argv": list, "engines": list},
    "counters": {"metrics": dict},
    "memory": {"metrics": dict},
    "objects": {"objects": float, "connections": float, "collected": bool},
    "census": {"metrics": dict},
    "executed": {"functions": int, "ran": int, "events": list},
    "imported": {"modules": list},
    "trace_growth": {"sites": list},
    "trace_stacks": {"stacks": list, "frames": list},
    "describe_lines": {"sites": list},
    "explain": {"answers": list},
}
SHOWN_BYTES = 60
ADVICE = "need an answer of this version's agent; see target.log, and whether the target writes to sockets not its own"


def check_answer(op: str, line: bytes, whose: str) -> dict[str, Any]:
    """Return the answer to an operation.

    Raises:
        AgentError: it is half an answer, no JSON, no answer, or without what the operation promises.
    """
    if not line.endswith(b"\n"):
        raise AgentError(f"{whose}: broke off in the middle of its answer to {op!r}; the process is likely gone")
    try:
        answer = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise AgentError(f"{whose}: answered {op!r} with {show(line)}, which is no JSON; {ADVICE}") from error
    if not isinstance(answer, dict) or not isinstance(answer.get("ok"), bool):
        raise AgentError(f"{whose}: answered {op!r} with {show(line)}; {ADVICE}")
    if answer["ok"]:
        for name, kind in NEEDED.get(op, {}).items():
            check_field(answer, name, kind, f"{whose}: answered {op!r}")
    return answer


def check_field(answer: dict[str, Any], name: str, kind: type, what: str) -> None:
    """Raise AgentError unless the answer has a field of that kind; numbers by name where it is ``metrics``."""
    value = answer.get(name)
    is_right = isinstance(value, (int, float) if kind is float else kind)
    if is_right and name == "metrics":
        is_right = all(isinstance(each, (int, float)) for each in answer["metrics"].values())
    if not is_right:
        raise AgentError(f"{what} with {name} {show(repr(value).encode())}; {ADVICE}")


def show(text: bytes) -> str:
    """Return the beginning of what was answered, such that no byte of it can do anything to a terminal."""
    return ascii(text[:SHOWN_BYTES].decode("latin-1")) + ("..." if len(text) > SHOWN_BYTES else "")
