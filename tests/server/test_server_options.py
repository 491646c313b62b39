"""The command line: what cannot be is refused in a sentence."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from server.options import parse_options

BAD_OPTIONS = {
    "several workers without Redis": (["--workers", "2"], "add --redis URL"),
    "no worker": (["--workers", "0"], "need 1 to 64"),
    "a clock that stands": (["--clock-speed", "0"], "need 0.001 to"),
    "a port that is none": (["--port", "70000"], "need 0 to 65535"),
    "a bound of nothing": (["--alert-bound", "doors=3"], "need REGISTRY=N"),
    "a Redis that is none": (["--redis", "localhost"], "need a URL that begins with redis or rediss or unix://"),
    "a Redis on no port": (["--redis", "redis://127.0.0.1:abc"], "got 'redis://127.0.0.1:abc', need a URL"),
    "a webhook that is none": (["--webhook", "ftp://x"], "need a URL that begins with http or https://"),
}


@pytest.mark.parametrize("name", BAD_OPTIONS)
def test_a_bad_option_is_refused_in_a_sentence(name, capsys):
    """What is wrong with the command line is said in a sentence, with exit code 2."""
    options, sentence = BAD_OPTIONS[name]
    with pytest.raises(SystemExit) as caught:
        parse_options(options)
    assert caught.value.code == 2
    assert sentence in capsys.readouterr().err


def test_a_host_that_is_none_is_refused_in_a_sentence():
    """A host that cannot be listened on is said to be so."""
    assert "cannot listen on no.such.host.invalid:0" in refusal("--host", "no.such.host.invalid", "--port", "0")


def test_a_port_in_use_is_refused_in_a_sentence():
    """A port that somebody else listens on is said to be so."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert f"cannot listen on 127.0.0.1:{port}" in refusal("--port", port)


def refusal(*options):
    command = [sys.executable, "-m", "server", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr
