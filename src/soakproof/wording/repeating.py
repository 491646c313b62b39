"""The command line that makes a stored run again, as one would type it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from soakproof.judge.verdict import Verdict
from soakproof.samples import Header, Run

PORT = "{port}"
LEFT_OUT = "…"  # what is not stored, being a secret, or has no short form


def say_repeat(header: Header) -> str:
    """Return the command: the options that differed from the defaults, or those of the plan where none are stored.

    What cannot be told has an ellipsis for its value.
    """
    options = dict(header.options) if header.options is not None else _options_of(header)
    options.pop("command", None)
    command = _command_of(header)
    words = [word for name, value in options.items() for word in _say_option(name, value)]
    ending = ["--", say_words(command)] if command else ["--attach", LEFT_OUT]
    return " ".join(["soakproof run", *words, *ending])


def say_weights(drops: Mapping[str, float]) -> str:
    """Return drop modes as the option has them: close,reset=3."""
    return ",".join(mode if weight == 1 else f"{mode}={weight:g}" for mode, weight in drops.items())


def say_words(words: Sequence[str]) -> str:
    """Return a command as a shell takes it; it takes the placeholder of a port as it is."""
    return " ".join(word if word == PORT else shlex.quote(word) for word in words)


def _options_of(header: Header) -> dict[str, Any]:
    plan = header.plan
    told = {
        "locustfile": plan.locustfile,
        "drop": plan.drops,
        "waves": plan.waves,
        "clients": plan.clients,
        "warmup": plan.warmup,
        "steady": plan.steady_s,
        "rate": plan.rate,
        "held": plan.is_held,
        "seed": header.seed,
    }
    return {name: value for name, value in told.items() if value is not None}


def _say_option(name: str, value: Any) -> Iterator[str]:
    option = f"--{name.replace('_', '-')}"
    match value:
        case False:
            return
        case True:
            yield option
        case dict() if name == "drop":
            yield f"{option} {say_weights(value)}"
        case list() if name == "transports":
            yield f"{option} {','.join(value)}"
        case list() if value and all(isinstance(each, str) for each in value):
            yield from (f"{option} {shlex.quote(each)}" for each in value)
        case int() | float():
            yield f"{option} {value:g}" if isinstance(value, float) else f"{option} {value}"
        case str():
            yield f"{option} {shlex.quote(value)}"
        case _:
            yield f"{option} {LEFT_OUT}"


def _command_of(header: Header) -> list[str]:
    """Return the target's command as it was given, with the placeholder of its port; empty of an attached one."""
    return (header.options or {}).get("command") or header.target.command


def say_next(run: Run, verdict: Verdict, run_path: str) -> tuple[str, str] | None:
    """Return what to do next with a run, and the command that does it; None where the advice alone tells."""
    match verdict.verdict:
        case "leak":
            command = say_words(_command_of(run.header)) or "COMMAND"
            return "When it is mended, the same soak tells whether it is", f"soakproof verify {run_path} -- {command}"
        case "bounded":
            return "After the next change, this tells what became worse", f"soakproof compare {run_path} NEW"
        case _:
            return None
