"""The tutorial's commands run as they stand in it, and what it shows is what they print."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

TUTORIAL = Path(__file__).resolve().parents[2] / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```(\w+) (\w+)=(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(kind: str) -> dict[str, str]:
    """Return the code blocks of a kind (file, run, output, replace) by what they are called."""
    return {name: text for _, word, name, text in BLOCK.findall(TUTORIAL.read_text()) if word == kind}


def run(name: str, directory: Path) -> subprocess.CompletedProcess[str]:
    """Run the command that stands in a block after its prompt, with this environment's programs."""
    command = shlex.split(blocks("run")[name].removeprefix("$ "))
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    variables = {**os.environ, "PATH": path}
    return subprocess.run(
        command, cwd=directory, env=variables, capture_output=True, text=True, check=False, timeout=280
    )


def mend(source: str) -> str:
    """Return the program with the handler that the tutorial replaces, which ends where the shown lines do."""
    shown = blocks("replace")["chat.py"]
    first, last = "@sio.event\nasync def disconnect(sid, reason):\n", shown.splitlines()[-1] + "\n"
    start = source.index(first)
    end = source.index(last, start) + len(last)
    return source[:start] + shown + source[end:]


def first_lines(output: str) -> list[str]:
    """Return the verdict and what it says first, without the figures that differ from run to run."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return [re.sub(r"[-+]?[\d,.]+", "#", line) for line in lines[:2]]


def test_the_chat_leaks_is_mended_and_is_bounded(tmp_path: Path) -> None:
    """Soaked it is red for the container and line that the tutorial names; mended, green; compared, a regression."""
    chat = tmp_path / "chat.py"
    chat.write_text(blocks("file")["chat.py"])
    leak = run("leak", tmp_path)
    assert leak.returncode == 1, leak.stdout + leak.stderr
    (shown,) = re.findall(r"chat\.py:\d+ in join", blocks("output")["leak"])[:1]
    assert shown in leak.stdout.replace(f"{tmp_path}/", "")
    printed = leak.stdout[leak.stdout.index("▲ LEAK") :]
    assert first_lines(printed)[:1] == first_lines(blocks("output")["leak"])[:1]

    chat.write_text(mend(chat.read_text()))
    bounded = run("bounded", tmp_path)
    assert bounded.returncode == 0, bounded.stdout + bounded.stderr
    assert (
        first_lines(bounded.stdout[bounded.stdout.index("● BOUNDED") :])[:1]
        == first_lines(blocks("output")["bounded"])[:1]
    )

    compared = run("compare", tmp_path)
    assert compared.returncode == 1, compared.stdout + compared.stderr
    assert "chat.typing" in compared.stdout
