"""Printing to any terminal: blocks apart by an empty line, logs at full width, ASCII where nothing else is known."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, RenderableType
from rich.text import Text

LOG_WIDTH = 132
ASCII = str.maketrans("●▲◆✖…→·\N{EN DASH}±└─", "o!?x~>|-~`-")


def print_blocks(blocks: Iterable[RenderableType], console: Console) -> None:
    """Print blocks; where the terminal knows ASCII alone, in ASCII."""
    if not console.options.ascii_only:
        _print(blocks, console)
        return
    with console.capture() as capture:
        _print(blocks, console)
    console.file.write(capture.get().translate(ASCII).encode("ascii", "replace").decode("ascii"))


def width_of(console: Console) -> int:
    """Return how wide to print: a log is not as narrow as it claims."""
    return console.width if console.is_terminal else max(console.width, LOG_WIDTH)


def _print(blocks: Iterable[RenderableType], console: Console) -> None:
    for block in blocks:
        console.print()
        console.print(block, soft_wrap=isinstance(block, Text), width=width_of(console), crop=False)
