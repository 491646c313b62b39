"""How every command ends: with an exit code, and a user's mistake as one sentence."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress

from soakproof.commands.output import errors
from soakproof.controls import plain
from soakproof.errors import InvalidRunError, SoakproofError
from soakproof.run.stopping import ENDING, interrupt

INTERRUPTED = 130
STDERR = 2
UNLOADABLE = ("failed to map segment", "annot allocate memory")  # of the C library's loader
OUT_OF_MEMORY = (
    b"soakproof: out of memory; need more of it for soakproof itself. What was measured until then is kept: "
    b"soakproof judge DIRECTORY, where there is more\n"
)


def carry_out(command: Callable[[], int]) -> None:
    """Run a command and exit with its code; a user's mistake becomes one sentence."""
    for number in ENDING:
        signal.signal(number, interrupt)
    try:
        code = command()
    except SoakproofError as error:
        errors.print(plain(f"soakproof: {error}"), style="red", markup=False, highlight=False, soft_wrap=True)
        code = error.exit_code
    except (MemoryError, ImportError, OSError) as error:
        if not is_lack_of_memory(error):
            raise
        with suppress(OSError):
            os.write(STDERR, OUT_OF_MEMORY)  # which takes none
        code = InvalidRunError.exit_code
    except KeyboardInterrupt:
        errors.print("soakproof: interrupted before anything was measured", style="red")
        code = INTERRUPTED
    sys.exit(code)


def is_lack_of_memory(error: Exception) -> bool:
    """Whether an error says that there was no memory; where a library was not loaded, the loader alone says it."""
    if isinstance(error, ImportError):
        return any(words in str(error) for words in UNLOADABLE)
    return isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM)
