"""Whether a leak is mended: in the terminal, and as ``verification.json``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
from rich.console import Console, RenderableType
from rich.text import Text

from soakproof.errors import OutputError
from soakproof.mending import Verification
from soakproof.report.files import write_file
from soakproof.report.marks import MARKS
from soakproof.report.terminal import print_blocks
from soakproof.wording.mends import HEADLINES, say_mend, say_verification_reason
from soakproof.wording.view import view_verification

AS_RUN_VERDICT = {"mended": "bounded", "unchanged": "leak", "something else leaks now": "leak"}


def render_verification(verification: Verification, console: Console) -> None:
    """Print whether the leak is mended, and each culprit before and after."""
    print_blocks(lambda _width: _blocks(verification), console)


def write_verification(verification: Verification, out: Path) -> Path:
    """Write ``verification.json`` into a directory that exists.

    Raises:
        OutputError: it cannot be written.
    """
    file = out / "verification.json"
    try:
        write_file(file, msgspec.json.format(msgspec.json.encode(view_verification(verification)), indent=2) + b"\n")
    except OSError as error:
        raise OutputError(f"{file}: {error.strerror}; need a directory that can be written, with room in it") from error
    return file


def _blocks(verification: Verification) -> Iterator[RenderableType]:
    mark = MARKS[AS_RUN_VERDICT.get(verification.verdict, verification.verdict)]
    text = Text(f"{mark.glyph} {verification.verdict.upper()}", style=mark.style)
    text.append(f"  {HEADLINES[verification.verdict]}", style="bold not dim default")
    reason = say_verification_reason(verification)
    text.append(f"\n  {reason}\n  exit code {verification.exit_code}", style="not bold default")
    yield text
    others = [said for mend in verification.culprits if (said := say_mend(mend)) != reason]
    if others:
        yield Text("\n".join(f"  {said}" for said in others))
