"""Filling the options: from defaults, a configuration file and the command line, in that order."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

import msgspec

from soakproof.config.checks import check
from soakproof.config.declared import check_declared
from soakproof.config.filed import Filed, read_filed
from soakproof.config.options import Config
from soakproof.config.written import read_written
from soakproof.errors import ConfigError


def build_config(options: dict[str, Any], config_file: Path | None = None, directory: Path | None = None) -> Config:
    """Put the options of the command line (None where not given) over those of the configuration file.

    Raises:
        ConfigError: an unknown key, a value of the wrong type or out of its range.
    """
    given = {key: value for key, value in options.items() if value is not None and value != []}
    filed = read_filed(config_file, directory or Path.cwd())
    try:
        check_declared(filed.options)
    except ConfigError as error:
        raise ConfigError(f"{filed.place(_find_declared(filed.options, str(error)))}: {error}") from error
    try:
        config = msgspec.convert(read_written({**filed.options, **given}), Config)
    except msgspec.ValidationError as error:
        raise ConfigError(explain(error, filed, given)) from error
    check(config)
    return config


def explain(error: msgspec.ValidationError, filed: Filed | None = None, given: Collection[str] = ()) -> str:
    """Turn ``Expected `int` >= 1 - at `$.max_waves``` into a sentence about the option, and where it was given."""
    what, _, where = str(error).partition(" - at ")
    name = where.strip("`").removeprefix("$.") or "options"
    said = f"{what[:1].lower()}{what[1:].replace('`', '').replace(' | null', '')}; see `soakproof run --help`"
    key = re.split(r"[.\[]", name)[0]
    if filed is not None and key in filed.options and key not in given:
        return f"{filed.place(key)}: {name}: {said}"
    return f"--{name.replace('_', '-')}: {said}"


def _find_declared(options: dict[str, Any], error: str) -> str:
    """Return the key that an error about what is declared speaks of."""
    registries = options.get("registries")
    names = registries if isinstance(registries, dict) else ()
    return next((name for name in names if name and name in error), error.partition(":")[0].partition(".")[0])
