"""A configuration file's options, and where in it each stands."""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from soakproof.config.options import Config
from soakproof.errors import ConfigError

FILES = ("soakproof.toml", "pyproject.toml")


class Filed(NamedTuple):
    """The options of a file, by their names as `Config` has them; nothing, where there is no file."""

    options: dict[str, Any]
    file: Path | None = None
    text: str = ""

    def place(self, key: str) -> str:
        """Return the file, and the line and column at which a key stands first, or is a table's name; from 1."""
        words = "[-_]".join(re.escape(word) for word in re.split("[-_]", key))
        line_of = rf"""^[ \t]*(?:\[[^\n\]]*?)?(?P<key>["']?{words}["']?)[ \t]*[=.\]]"""
        own = max(self.text.find("[tool.soakproof"), 0)  # other tools have keys of the same names
        found = re.compile(line_of, re.MULTILINE).search(self.text, own)
        if found is None:
            return str(self.file)
        line = self.text.count("\n", 0, found.start("key")) + 1
        column = found.start("key") - self.text.rfind("\n", 0, found.start("key"))
        return f"{self.file}, line {line}, column {column}"


def read_filed(config_file: Path | None, directory: Path) -> Filed:
    """Return the options of the file that is named, or of the first in a directory that has any.

    Raises:
        ConfigError: the file that is named cannot be read; one is not valid TOML, or has a key that is no option.
    """
    if config_file is not None:
        return _read(config_file, is_asked_for=True)
    filed = (_read(directory / name, is_asked_for=False) for name in FILES)
    return next((each for each in filed if each.options), Filed({}))


def _read(file: Path, *, is_asked_for: bool) -> Filed:
    try:
        text = file.read_text()
        document = tomllib.loads(text)
    except OSError as error:
        if is_asked_for:
            raise ConfigError(
                f"{file}: {error.strerror}; need a TOML file with the options of `soakproof run`"
            ) from error
        return Filed({})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{file}: not valid TOML: {error}") from error
    tool = document.get("tool", {})
    table = tool.get("soakproof", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise ConfigError(f"{file}: tool.soakproof is {table!r}; need a table, as in [tool.soakproof]")
    if not table and file.name != "pyproject.toml":
        table = document
    filed = Filed(table, file, text)
    return filed._replace(options={_known_key(key, filed): value for key, value in table.items()})


def _known_key(key: str, filed: Filed) -> str:
    name = key.replace("-", "_")
    if name not in Config.__struct_fields__:
        near = difflib.get_close_matches(name, Config.__struct_fields__, n=1)
        hint = f"did you mean {near[0].replace('_', '-')!r}?" if near else "see `soakproof run --help` for the options"
        raise ConfigError(f"{filed.place(key)}: unknown key {key!r}; {hint}")
    return name
