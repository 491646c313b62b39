"""The settings that were tried: in the terminal, and as ``remedy.json`` and ``remedy.md``."""

from __future__ import annotations

from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from soakproof.errors import OutputError
from soakproof.report.files import write_file
from soakproof.trials import Remedy
from soakproof.wording.trials import COLUMNS, rows_of, say_remedy_found


def render_remedy(remedy: Remedy, console: Console) -> None:
    """Print what to set, and the table."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in COLUMNS:
        table.add_column(name, justify="left" if name == COLUMNS[0] else "right", no_wrap=True)
    for row in rows_of(remedy):
        table.add_row(*row, style="bold" if row[0] == remedy.recommended else "")
    console.print(Text(f"{say_remedy_found(remedy)}.", style="bold"), soft_wrap=True)
    console.print(table)


def write_remedy(remedy: Remedy, out: Path) -> None:
    """Write both files into a directory that exists.

    Raises:
        OutputError: it cannot be written.
    """
    rows = [COLUMNS, tuple("---" for _ in COLUMNS), *rows_of(remedy)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    document = msgspec.to_builtins(remedy) | {"reason": say_remedy_found(remedy)}
    try:
        write_file(out / "remedy.json", msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")
        write_file(out / "remedy.md", f"{say_remedy_found(remedy)}.\n\n{table}\n")
    except OSError as error:
        raise OutputError(f"{out}: {error.strerror}; need a directory that can be written, with room in it") from error
