"""How commands end: without memory in one sentence, wherever it was that there was none."""

from __future__ import annotations

import errno
import signal

import pytest

from soakproof.commands.ending import carry_out
from soakproof.run.stopping import ENDING


@pytest.fixture(autouse=True)
def handlers_as_before():
    """Put the signals' handlers back."""
    before = {number: signal.getsignal(number) for number in ENDING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def raiser(error):
    def command():
        raise error

    return command


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        ImportError("_image.so: failed to map segment from shared object"),
        ImportError("libz.so: cannot allocate memory in static TLS block"),
    ],
    ids=repr,
)
def test_without_memory_one_sentence_says_so(error, capfd):
    """A report may need a library that finds no room: that is no other mistake than an object that finds none."""
    with pytest.raises(SystemExit) as ended:
        carry_out(raiser(error))
    assert ended.value.code == 4
    assert capfd.readouterr().err.startswith("soakproof: out of memory; need more of it for soakproof itself.")


@pytest.mark.parametrize(
    "error", [ImportError("No module named 'x'"), OSError(errno.EIO, "Input/output error")], ids=repr
)
def test_other_errors_are_not_taken_for_that(error):
    """What nobody thought of is not hidden."""
    with pytest.raises(type(error)):
        carry_out(raiser(error))
