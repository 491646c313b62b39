"""Filling the options: from defaults, a configuration file and the command line, in that order."""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from soakproof.config.checks import check
from soakproof.config.declared import check_declared
from soakproof.config.options import Config
from soakproof.config.written import read_written
from soakproof.errors import ConfigError

FILES = ("soakproof.toml", "pyproject.toml")


def build_config(options: dict[str, Any], config_file: Path | None = None, directory: Path | None = None) -> Config:
    """Put the options of the command line (None where not given) over those of the configuration file.

    Raises:
        ConfigError: an unknown key, a value of the wrong type or out of its range.
    """
    given = {key: value for key, value in options.items() if value is not None and value != []}
    stored = _read_file(config_file, directory or Path.cwd())
    check_declared(stored)
    try:
        config = msgspec.convert(read_written({**stored, **given}), Config)
    except msgspec.ValidationError as error:
        raise ConfigError(explain(error)) from error
    check(config)
    return config


def explain(error: msgspec.ValidationError) -> str:
    """Turn ``Expected `int` >= 1 - at `$.max_waves``` into a sentence about the option."""
    what, _, where = str(error).partition(" - at ")
    name = where.strip("`").removeprefix("$.").replace("_", "-") or "options"
    return f"--{name}: {what[:1].lower()}{what[1:].replace('`', '')}; see `soakproof run --help`"


def _read_file(config_file: Path | None, directory: Path) -> dict[str, Any]:
    if config_file is not None:
        return _read_table(config_file, is_asked_for=True)
    for name in FILES:
        table = _read_table(directory / name, is_asked_for=False)
        if table:
            return table
    return {}


def _read_table(file: Path, *, is_asked_for: bool) -> dict[str, Any]:
    try:
        document = tomllib.loads(file.read_text())
    except OSError as error:
        if is_asked_for:
            raise ConfigError(
                f"{file}: {error.strerror}; need a TOML file with the options of `soakproof run`"
            ) from error
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{file}: not valid TOML: {error}") from error
    tool = document.get("tool", {})
    table = tool.get("soakproof", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise ConfigError(f"{file}: tool.soakproof is {table!r}; need a table, as in [tool.soakproof]")
    if not table and file.name != "pyproject.toml":
        table = document
    return {_known_key(key, file): value for key, value in table.items()}


def _known_key(key: str, file: Path) -> str:
    name = key.replace("-", "_")
    if name not in Config.__struct_fields__:
        near = difflib.get_close_matches(name, Config.__struct_fields__, n=1)
        hint = f"did you mean {near[0].replace('_', '-')!r}?" if near else "see `soakproof run --help` for the options"
        raise ConfigError(f"{file}: unknown key {key!r}; {hint}")
    return name
