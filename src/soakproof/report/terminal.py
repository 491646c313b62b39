"""Printing to any terminal: blocks apart by an empty line, logs at full width, ASCII where nothing else is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rich.console import Console, RenderableType
from rich.text import Text

LOG_WIDTH = 132
ASCII = str.maketrans("●▲◆✖…→·\N{EN DASH}±└─", "o!?x~>|-~`-")


def print_blocks(make_blocks: Callable[[int], Iterable[RenderableType]], console: Console) -> None:
    """Print the blocks made for a width; where the terminal knows ASCII alone, in ASCII.

    What is no terminal is a log, and not as narrow as it claims.
    """
    narrow = console.width
    console.width = narrow if console.is_terminal else max(narrow, LOG_WIDTH)
    try:
        _print(make_blocks(console.width), console)
    finally:
        console.width = narrow


def _print(blocks: Iterable[RenderableType], console: Console) -> None:
    if not console.options.ascii_only:
        _print_apart(blocks, console)
        return
    with console.capture() as capture:
        _print_apart(blocks, console)
    console.file.write(capture.get().translate(ASCII).encode("ascii", "replace").decode("ascii"))


def _print_apart(blocks: Iterable[RenderableType], console: Console) -> None:
    for block in blocks:
        console.print()
        console.print(block, soft_wrap=isinstance(block, Text))
