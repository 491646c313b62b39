"""What a configuration file declares of metrics: bounds and margins. A misspelt one would be passed over in silence.

Whether a run has a metric of that name is known when it has ended: `soakproof.judge.declarations`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Any

from soakproof.errors import ConfigError
from soakproof.metrickinds import KINDS
from soakproof.plans import Margins

MARGINS = Margins.__struct_fields__
BOUNDS = ("ttl_s", "max_items")
MODULE = re.compile(r"\w+(\.\w+)*")


def check_declared(options: dict[str, Any]) -> None:
    """Refuse bounds and margins of names that there cannot be, or without a number.

    Raises:
        ConfigError: there is one.
    """
    margins, registries = options.get("margins", {}), options.get("registries", {})
    for table, found in (("margins", margins), ("registries", registries)):
        if not isinstance(found, dict):
            raise ConfigError(f"{table}: got {found!r}; need a table, as in [tool.soakproof.{table}]")
    _check_numbers("margins", margins, MARGINS)
    for name, bound in registries.items():
        _check_name(name)
        _check_bound(f'registries."{name}"', bound)


def _check_name(name: str) -> None:
    kind, colon, path = name.partition(":")
    is_path = kind in KINDS or MODULE.fullmatch(kind)
    if not name or (colon and not (path and is_path)):
        raise ConfigError(
            f"registries: {name!r} cannot be a metric; need its name as a report has it, module:path, or kind:name "
            f"with a kind of {', '.join(KINDS)}"
        )


def _check_bound(where: str, bound: Any) -> None:
    if not isinstance(bound, dict) or not bound:
        raise ConfigError(f"{where}: declares no bound; need {' = N or '.join(BOUNDS)} = N")
    _check_numbers(where, bound, BOUNDS)


def _check_numbers(where: str, table: dict[str, Any], known: Iterable[str]) -> None:
    for name, value in table.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ConfigError(f"{where}: unknown {name!r}, need one of {', '.join(known)}{hint}")
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise ConfigError(f"{where}: {name} = {value!r}; need a number, 0 or more")
