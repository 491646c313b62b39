"""Secrets: what looks like one, or is named like one, is masked in each channel by which it could be told."""

from __future__ import annotations

import threading
import time

import msgspec
import pytest

from soakproof import logends
from soakproof.agent.explain.retainerpaths import describe, label_of
from soakproof.agent.objects.masking import mask, mask_command, mask_key
from soakproof.agent.process.counts import known_threads
from soakproof.commands.verify import is_same_server
from soakproof.config import Config, build_config
from soakproof.config.repeating import repeat_config, store_options
from soakproof.errors import ConfigError
from soakproof.load.processes.process import last_lines
from soakproof.measure.waverecords import mask_errors
from soakproof.target.logged import count_errors
from soakproof.target.started import StartedTarget
from tests.synthetic_runs import make_run

SECRET = "hunter2hunter2"
SID = "k1bVx9_aQ2mZ7tRw0AAA"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"password={SECRET}", "password=***"),
        (f'{{"api_key": "{SECRET}", "room": 1}}', '{"api_key": "***", "room": 1}'),
        (f"GET /?x=1&token={SECRET}&room=2 401", "GET /?x=1&token=***&room=2 401"),
        (f"Authorization: Bearer {SECRET}", "Authorization: ***"),
        (f"Authorization: Token {SECRET}\nHost: here", "Authorization: ***\nHost: here"),
        (f"{{'HTTP_COOKIE': 'a=1; b={SECRET}', 'x': 1}}", "{'HTTP_COOKIE': '***', 'x': 1}"),
        (f'password="my {SECRET} words" room=1', 'password="***" room=1'),
        (f"sh -c 'app --token {SECRET} --port 1'", "sh -c 'app --token *** --port 1'"),
        (f"GET /socket.io/?EIO=4&sid={SID} 200", "GET /socket.io/?EIO=4&sid=*** 200"),
        ("ghp_0123456789abcdefghij0123 was refused", "*** was refused"),
        (f"redis://:p@{SECRET}@db/0, https://{SECRET}@host/x", "redis://:***@db/0, https://***@host/x"),
        (f"sent Bearer {SECRET} twice", "sent Bearer *** twice"),
        (f"redis://user:{SECRET}@db:6379/0", "redis://user:***@db:6379/0"),
        ("no such user: anna.b+x@example.org (3)", "no such user: <e-mail> (3)"),
        ("eyJhbGciOi.eyJzdWIi.c2ln expired", "*** expired"),
        (f"Cookie: a=1; b={SECRET}", "Cookie: ***"),
        ("KeyError: 'token'", "KeyError: 'token'"),
        ("app.py:31 in connect, 200 times", "app.py:31 in connect, 200 times"),
        ("http://127.0.0.1:8000/socket.io", "http://127.0.0.1:8000/socket.io"),
    ],
)
def test_a_text(text, masked):
    """What is secret goes, and nothing else does."""
    assert mask(text) == masked


@pytest.mark.parametrize(
    ("words", "masked"),
    [
        (["app", "--token", SECRET, "--port", "1"], ["app", "--token", "***", "--port", "1"]),
        (["app", f"--db-password={SECRET}"], ["app", "--db-password=***"]),
        (["env", f"SECRET_KEY={SECRET}", "app"], ["env", "SECRET_KEY=***", "app"]),
        (["sh", "-c", f"exec app --token {SECRET}"], ["sh", "-c", "exec app --token ***"]),
        (["app", "--no-cookie", "--reload"], ["app", "--no-cookie", "--reload"]),
        (["uvicorn", "app:app", "--port", "{port}"], ["uvicorn", "app:app", "--port", "{port}"]),
    ],
)
def test_a_command(words, masked):
    """A secret may be a part of a word, or the one behind the option."""
    assert mask_command(words) == masked


@pytest.mark.parametrize(
    ("key", "masked"),
    [
        (SID, "<session>"),
        ("0b9d7c1e-2f60-4c8a-9a53-3a1f6f9f4c11", "<session>"),
        ("anna@example.org", "<e-mail>"),
        (f"session:{SID}", "session:<session>"),
        ("user:anna@example.org", "user:<e-mail>"),
        ("lobby", "lobby"),
        ("server_registry_of_rooms", "server_registry_of_rooms"),
        ("room-12", "room-12"),
    ],
)
def test_a_key(key, masked):
    """Of a key that is a session's or a person's, what it is is told alone; a chain of retainers says it so."""
    assert mask_key(key) == masked
    held = [1]
    assert label_of({key: held}, held) == f"[{masked!r}]"


def test_the_text_of_an_exception():
    """It is one step of a chain of retainers."""
    assert SECRET not in describe(ValueError(f"token={SECRET}"))
    assert "anna" not in describe(ValueError(f"{'no such user, as it seems: ':>72}anna@example.org"))


def test_the_options_of_a_run():
    """Only that there was a secret is stored, wherever it stands; of the command all the rest."""
    config = build_config(
        {
            "command": ["app", "--token", SECRET, "--port", "{port}"],
            "auth": f'{{"user": "{SECRET}"}}',
            "header": [f"X-Key: {SECRET}"],
            "query": [f"key={SECRET}"],
            "join": [f'login={{"password": "{SECRET}"}}'],
            "load": f"load {{url}} --token {SECRET}",
            "url": f"http://anna:{SECRET}@127.0.0.1:{{port}}",
        },
        None,
    )
    stored = store_options(config)
    assert SECRET not in msgspec.json.encode(stored).decode()
    assert stored["command"] == ["app", "--token", "***", "--port", "{port}"]
    assert stored["join"] is None


def test_a_run_is_repeated_with_its_secrets_given_again():
    """What is not stored is asked for; the command is known by the rest of it."""
    run = make_run("leak")
    run.header.options = {"command": ["app", "--token", "***"], "join": None}
    with pytest.raises(ConfigError, match="--join: the stored run was made with it, and secrets are not stored"):
        repeat_config(run.header, ["app", "--token", SECRET], {})
    assert isinstance(repeat_config(run.header, ["app", "--token", SECRET], {"join": ["login=1"]}), Config)
    assert is_same_server(["app", "--token", "***"], ["app", "--token", SECRET])
    assert not is_same_server(["app", "--token", "***"], ["app", "--token", SECRET, "--debug"])


def test_logs(tmp_path):
    """The end of the target's log, its exceptions, and the end of the load's."""
    log = tmp_path / "target.log"
    log.write_text(f"Traceback (most recent call last):\nLookupError: password={SECRET}\n")
    assert [error.error for error in count_errors(log)] == ["LookupError: password=***"]
    assert last_lines(log) == "Traceback (most recent call last): | LookupError: password=***"
    target = StartedTarget(["true"], "http://127.0.0.1:{port}", log, 1.0)
    assert SECRET not in target.log_tail()
    target.stop()


def test_failures_of_clients():
    """They are counted by their text; two that differ by a secret alone are one."""
    assert mask_errors({"401: token=a": 2, "401: token=b": 3}) == {"401: token=***": 5}


def test_names_of_threads():
    """A thread may be called after whom it serves."""
    done = threading.Event()
    thread = threading.Thread(target=done.wait, name="serving anna@example.org", daemon=True)
    thread.start()
    try:
        assert "serving <e-mail>" in [name for _, name in known_threads()]
    finally:
        done.set()
        thread.join()


@pytest.mark.parametrize(
    "text", ["token" * 40_000, "a." * 100_000, "--token " * 20_000, "a@" * 100_000, "x1" * 100_000]
)
def test_a_long_text(text):
    """A log of one line takes no longer for each of its characters than a short one."""
    short_s, long_s = (timed(lambda size=size: mask_key(text[:size])) for size in (20_000, 200_000))
    assert long_s < 40 * short_s + 0.5


def timed(action):
    """Return the seconds of CPU that an action takes."""
    began_s = time.process_time()
    action()
    return time.process_time() - began_s


def test_a_log_of_gigabytes(tmp_path):
    """Its end is read and nothing else; a line of it as far as a person reads on."""
    log = tmp_path / "target.log"
    with log.open("wb") as stream:
        stream.truncate(4 << 30)  # of nothing, which takes no room
        stream.seek(0, 2)
        stream.write(b"\nfirst " + b"x" * 5000 + b"\n\nsecond\n")
    assert [line[:6] for line in logends.last_lines(log, 2)] == ["first ", "second"]
    assert max(map(len, logends.last_lines(log, 2))) == logends.LONGEST_LINE
    assert logends.read_end(tmp_path / "none.log") == ""
