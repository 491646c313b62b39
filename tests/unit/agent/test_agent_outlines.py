"""Functions by indentation are the functions that a parser finds."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import soakproof.agent.trace.allocations as shown
from soakproof.agent.origin import outlines, sourcelines

SOURCE = """
import os

class Outer:
    limit = 3

    def method(
        self,
        value,
    ):
        def inner():
            return [
    value
            ]
        return inner

    async def later(self):
        await nothing()

def plain(): return 1

VALUE = plain()
"""


def line_of(text: str) -> int:
    return next(at for at, line in enumerate(SOURCE.splitlines(), 1) if line.strip().startswith(text))


@pytest.mark.parametrize(
    ("text", "function"),
    [
        ("import os", "<module>"),
        ("limit", "<module>"),
        ("def method", "Outer.method"),
        ("return [", "Outer.method.<locals>.inner"),
        ("return inner", "Outer.method"),
        ("await", "Outer.later"),
        ("def plain", "plain"),
        ("VALUE", "<module>"),
    ],
)
def test_a_line_is_in_the_function_whose_header_stands_farther_out(tmp_path: Path, text: str, function: str) -> None:
    """Classes, functions within functions and headers of several lines are told as Python names them."""
    file = tmp_path / "app.py"
    file.write_text(SOURCE)
    line = (str(file), line_of(text))
    assert outlines.functions_at([line]) == {line: function}


def test_it_agrees_with_the_parser_about_a_real_file() -> None:
    """Each statement of one of the agent's own files is in the function that its tree says."""
    file = str(shown.__file__)
    tree = ast.parse(Path(file).read_text())
    lines = [(file, node.lineno) for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    found = outlines.functions_at(lines)
    assert len(found) > 100
    assert found == {line: sourcelines.function_at(*line) for line in lines}


def test_what_cannot_be_read_has_no_name() -> None:
    """No file, or no line there: the place alone is told, and whose it is."""
    file = str(shown.__file__)
    told = outlines.describe_frames([("<string>", 1), (file, 99_999)])
    assert [(frame["file"], frame["line"], frame["function"]) for frame in told] == [
        ("<string>", 1, ""),
        (file, 99_999, ""),
    ]
    assert told[1]["origin"] == sourcelines.origin_of_code(file)
