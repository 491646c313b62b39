"""A run's options in its own header, and a run made again from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from soakproof.agent.objects.masking import is_secret_name, mask, mask_command
from soakproof.config.checks import check
from soakproof.config.options import Config
from soakproof.config.reading import explain
from soakproof.config.written import read_written
from soakproof.errors import ConfigError, RunFileError
from soakproof.samples import Header
from soakproof.serverurl import parse_url

OF_ITS_OWN = frozenset(
    {"out", "format", "attach", "attach_with", "own_memory", "note", "metrics_port", "ui", "ui_port"}
)
EXECUTED = ("load", "locustfile")
SECRET = ("auth", "header", "query", "login")


def store_options(config: Config) -> dict[str, Any]:
    """Return what is to be stored of the options: none of this one run's own, and of a secret only that there was one.

    Reports are shown to others, and a run's header is part of them.
    """
    usual, given = msgspec.to_builtins(Config()), msgspec.to_builtins(config)
    differing = {name: value for name, value in given.items() if value != usual[name] and name not in OF_ITS_OWN}
    return {name: _store(name, value) for name, value in differing.items()}


def _store(name: str, value: Any) -> Any:
    """Return what is stored of one option; of the command all but its secrets, since it is compared, and read."""
    if name == "command":
        return mask_command(value)
    return None if name in SECRET or has_secret(value) else value


def has_secret(value: Any) -> bool:
    """Tell whether something in the value looks like a secret, or is named like one."""
    match value:
        case str():
            return mask(value) != value
        case dict():
            return any(is_secret_name(str(name)) or has_secret(each) for name, each in value.items())
        case list() | tuple():
            return any(map(has_secret, value))
    return False


def repeat_config(header: Header, command: list[str], options: dict[str, Any]) -> Config:
    """Return the options of a stored run, with others in the place of those that are given (None where not).

    Raises:
        ConfigError: a secret is needed that is not stored, or a value is wrong.
        RunFileError: the stored options are of another version.
    """
    given = {name: value for name, value in options.items() if value is not None and value != []}
    stored = header.options if header.options is not None else _options_of_plan(header)
    missing = [name for name, value in stored.items() if value is None and name not in given]
    if missing:
        name = f"--{missing[0]}"
        raise ConfigError(f"{name}: the stored run was made with it, and secrets are not stored; give it again: {name}")
    for name in EXECUTED:
        if name not in given and not is_own_code(name, stored.get(name)):
            raise ConfigError(
                f"--{name}: the stored run was made with {stored[name]!r}, and what a file says is not "
                f"executed; look at it, and give it again: --{name}"
            )
    try:
        config = msgspec.convert({**stored, **read_written(given), "command": command}, Config)
    except msgspec.ValidationError as error:
        if given:
            raise ConfigError(explain(error)) from error
        raise RunFileError(f"the stored options are not of this version: {error}; make the run again") from error
    check(config)
    return config


def is_own_code(name: str, value: Any) -> bool:
    """Tell whether what an option names may be executed unasked: a Locust file below the current directory alone."""
    if value is None:
        return True
    return (
        name == "locustfile" and isinstance(value, str) and Path(value).resolve().is_relative_to(Path.cwd().resolve())
    )


def command_of(header: Header) -> list[str]:
    """Return the command that started the target, as it was given; none where none did.

    Of a run of before options were stored the port is made a placeholder again.
    """
    if header.options is not None:
        return list(header.options.get("command", []))
    port = parse_url(header.target.url).port
    return [word.replace(str(port), "{port}") for word in header.target.command]


def _options_of_plan(header: Header) -> dict[str, Any]:
    """Return what a run of before options were stored says of its load."""
    plan = header.plan
    stored: dict[str, Any] = {
        "waves": plan.waves,
        "clients": plan.clients,
        "warmup": plan.warmup,
        "steady": plan.steady_s,
        "rate": plan.rate,
        "drop": plan.drops,
        "held": plan.is_held,
        "locustfile": plan.locustfile,
        "load": None if plan.load == "locust" else plan.load,
        "seed": header.seed,
        "confidence": header.rules.confidence,
        "fail_on": header.rules.fail_on,
        "margins": msgspec.to_builtins(header.rules.margins),
        "registries": msgspec.to_builtins(header.rules.bounds),
    }
    return {name: value for name, value in stored.items() if value is not None}
