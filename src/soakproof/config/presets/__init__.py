"""Presets: how clients come to applications of a framework, so that nobody has to look it up. Each is a file here.

A preset is found by what the target has imported, and says what clients do unless the user says otherwise. Nothing
else knows any framework by name.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from soakproof.config.options import Config
from soakproof.config.written import read_written
from soakproof.errors import ConfigError

AUTO, NONE = "auto", "none"
FOLDER = Path(__file__).parent
ADDED = ("take", "join", "message")  # what the user says comes to what the preset says
MERGED = ("query", "header")  # likewise, by name


class Preset(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of one framework.

    Attributes:
        about: The framework's name, as its users write it.
        imports: Modules of which the target has imported one, if this is its framework.
        unless: Modules of which it has imported none.
        over: Presets that this one is more exact than.
        options: What clients do, as options of ``soakproof run`` are written in a file.
        refuses: Why such a target cannot be soaked, and what to do, where that is so.
    """

    about: str
    imports: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    options: dict[str, Any] = {}
    refuses: str = ""


@cache
def load_presets() -> dict[str, Preset]:
    """Return all presets by name."""
    files = sorted(FOLDER.glob("*.toml"))
    return {file.stem: msgspec.convert(tomllib.loads(file.read_text()), Preset) for file in files}


def check_name(name: str) -> None:
    """Refuse a name that is no preset's.

    Raises:
        ConfigError: it is none.
    """
    names = [*load_presets(), AUTO, NONE]
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}"
        raise ConfigError(f"--preset {name!r}: no such preset; {hint}")


def modules_wanted() -> list[str]:
    """Return the modules that presets are found by."""
    return sorted({module for preset in load_presets().values() for module in (*preset.imports, *preset.unless)})


def find_presets(imported: Collection[str]) -> list[str]:
    """Return the names of the presets that fit a target with these imports, none that another is more exact than."""
    fitting = {
        name: preset
        for name, preset in load_presets().items()
        if set(preset.imports) & set(imported) and not set(preset.unless) & set(imported)
    }
    beaten = {name for preset in fitting.values() for name in preset.over}
    return [name for name in fitting if name not in beaten]


def choose_preset(config: Config, imported: Collection[str]) -> str | None:
    """Return the name of the preset to take: the one asked for, or the only one that fits; None for none.

    Raises:
        ConfigError: such a target cannot be soaked, or several presets fit it.
    """
    if config.preset == NONE or config.load or (config.locustfile and config.preset == AUTO):
        return None
    fitting = [config.preset] if config.preset != AUTO else find_presets(imported)
    if len(fitting) > 1:
        raise ConfigError(
            f"the target has imported what the presets {' and '.join(fitting)} are found by; need to know which fits: "
            f"give --preset {fitting[0]}, or --preset {NONE}"
        )
    for name in fitting:
        if load_presets()[name].refuses:
            raise ConfigError(f"{load_presets()[name].about}: {load_presets()[name].refuses}")
    return fitting[0] if fitting else None


def names_taken(config: Config) -> set[str]:
    """Return the names under which presets take values from pages: of all, where the target is yet to tell which."""
    if config.preset == NONE:
        return set()
    presets = load_presets()
    asked = presets.values() if config.preset == AUTO else [presets[config.preset]]
    return {take.name for preset in asked for take in read_written(preset.options).get("take", ())}


def apply_preset(config: Config, name: str) -> Config:
    """Return the options with what the preset says where the user has said nothing."""
    says = read_written(load_presets()[name].options)
    return msgspec.structs.replace(config, **{option: _settle(config, option, value) for option, value in says.items()})


def _settle(config: Config, option: str, said: Any) -> Any:
    """Return what an option is to be, given what the preset says."""
    given = getattr(config, option)
    if option in ADDED:
        return (*said, *(value for value in given if value not in said))
    if option in MERGED:
        return {**said, **given}
    return said if given == _default(option) else given


def _default(option: str) -> Any:
    fields: Iterable[msgspec.structs.FieldInfo] = msgspec.structs.fields(Config)
    return next(field.default for field in fields if field.name == option)
