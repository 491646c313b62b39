"""Whether a target's clock can be moved: where libfaketime is, and which programs take no preloaded library."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from soakproof.errors import ConfigError

PLACES = ("/usr/lib/*/faketime", "/usr/lib/faketime", "/usr/lib64/faketime", "/usr/local/lib/faketime")
LIBRARY = "libfaketimeMT.so.1"  # the one for programs with threads
INSTALL = "apt-get install libfaketime"
OWN = ("FAKETIME", "FAKETIME_TIMESTAMP_FILE", "FAKETIME_SHARED")
ELF = b"\x7fELF"
LONGEST_HEADER = 64 * 1024
PT_INTERP = 3
MOST_INTERPRETERS = 4


def find_libfaketime() -> Path | None:
    """Return libfaketime, the library for programs with threads; None where it is not on this machine."""
    found = (path for place in PLACES for path in sorted(Path("/").glob(f"{place[1:]}/{LIBRARY}")))
    return next(found, None)


def check_preloadable(command: list[str], environment: Mapping[str, str]) -> None:
    """Refuse a target whose clock cannot be moved, each with what to do.

    Raises:
        ConfigError: it is linked statically, runs as another user, or has a moved clock already.
    """
    for name in OWN:
        if environment.get(name):
            raise ConfigError(f"{name} is set to {environment[name]!r}: the target's clock is moved already; unset it")
    if "libfaketime" in environment.get("LD_PRELOAD", ""):
        raise ConfigError("LD_PRELOAD has libfaketime already: the target's clock can be moved by one alone; unset it")
    for program in programs_of(command, environment):
        why = find_obstacle(program)
        if why:
            raise ConfigError(
                f"{program}: {why}, so its clock cannot be moved; need a program that takes preloaded libraries, "
                "or leave --fast-forward and --clock-speed out"
            )


def programs_of(command: list[str], environment: Mapping[str, str]) -> Iterator[Path]:
    """Yield the program that a command starts, and the interpreters of scripts, one of the other."""
    words = command
    for _ in range(MOST_INTERPRETERS):
        found = shutil.which(words[0], path=environment.get("PATH")) if words else None
        if found is None:
            return
        program = Path(found).resolve()
        yield program
        words = read_shebang(program)
        if words and Path(words[0]).name == "env":
            words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]


def read_shebang(program: Path) -> list[str]:
    """Return the command in the first line of a script, nothing of anything else."""
    head = read_head(program)
    if not head.startswith(b"#!"):
        return []
    return shlex.split(head[2:].partition(b"\n")[0].decode(errors="replace"))


def find_obstacle(program: Path) -> str:
    """Return what keeps a program from loading a library that it did not ask for; nothing where nothing does."""
    mode = program.stat().st_mode
    if mode & (stat.S_ISUID | stat.S_ISGID):
        return f"it is setuid or setgid ({stat.filemode(mode)}) and takes no preloaded library"
    if has_capabilities(program):
        return "it has capabilities of its own and takes no preloaded library"
    head = read_head(program)
    if head.startswith(ELF) and PT_INTERP not in segments_of(head):
        return "it is linked statically and takes no preloaded library"
    return ""


def has_capabilities(program: Path) -> bool:
    """Whether a program is given more than whoever starts it has (capabilities(7))."""
    try:
        return bool(os.getxattr(program, "security.capability"))
    except OSError:
        return False


def read_head(program: Path) -> bytes:
    """Return the beginning of a file, nothing where it cannot be read."""
    try:
        with program.open("rb") as stream:
            return stream.read(LONGEST_HEADER)
    except OSError:
        return b""


def segments_of(head: bytes) -> set[int]:
    """Return the kinds of an ELF file's segments (elf(5)); PT_INTERP names what loads its libraries."""
    order = "little" if head[5] == 1 else "big"
    is_wide = head[4] == 2  # noqa: PLR2004  # ELFCLASS64

    def number(at: int, size: int) -> int:
        return int.from_bytes(head[at : at + size], order)  # type: ignore[arg-type]

    table, each, count = (
        (number(32, 8), number(54, 2), number(56, 2)) if is_wide else (number(28, 4), number(42, 2), number(44, 2))
    )
    return {number(table + at * each, 4) for at in range(count)}
