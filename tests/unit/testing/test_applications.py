"""What a test gives to ``soak``: objects are found by name, kinds told in another process, mistakes in a sentence."""

from __future__ import annotations

import importlib
import sys
import textwrap

import pytest

from soakproof.errors import ConfigError
from soakproof.testing.applications import environment, make_command

APPS = """
    import flask
    import flask_socketio
    import socketio

    asgi = socketio.ASGIApp(socketio.AsyncServer(async_mode="asgi"))
    wsgi = socketio.WSGIApp(socketio.Server(async_mode="threading"))
    website = flask.Flask(__name__)
    talk = flask_socketio.SocketIO(website)
    number = 5


    async def plain(scope, receive, send): ...


    def make(settings=None):
        return socketio.ASGIApp(socketio.AsyncServer(async_mode="asgi"))


    def broken():
        raise RuntimeError("no database")
"""


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """Write and import a module of applications, and return it."""
    (tmp_path / "shop_apps.py").write_text(textwrap.dedent(APPS))
    (tmp_path / "shop_broken.py").write_text("raise OSError('no disk')")
    (tmp_path / "shop_ends.py").write_text("import os\nos._exit(3)")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module("shop_apps")
    del sys.modules["shop_apps"]


def served_by(command):
    return command[2], command[3], "--factory" in command


def test_objects_and_import_strings_become_commands(shop, tmp_path):
    """An ASGI application is served by uvicorn, a WSGI one by werkzeug, and what makes one is called."""
    assert served_by(make_command(shop.asgi, tmp_path)) == ("uvicorn", "shop_apps:asgi", False)
    assert served_by(make_command(shop.make, tmp_path)) == ("uvicorn", "shop_apps:make", True)
    assert served_by(make_command("shop_apps:plain", tmp_path)) == ("uvicorn", "shop_apps:plain", False)
    assert served_by(make_command(shop.website, tmp_path)) == ("soakproof.target.serving", "shop_apps:website", False)
    assert served_by(make_command("shop_apps:wsgi", tmp_path)) == ("soakproof.target.serving", "shop_apps:wsgi", False)


def test_commands_are_taken_as_they_are(tmp_path):
    """Words and text are commands, of which nothing is imported."""
    assert make_command("python app.py --port {port}", tmp_path) == ["python", "app.py", "--port", "{port}"]
    assert make_command(["python", tmp_path / "app.py"], tmp_path) == ["python", str(tmp_path / "app.py")]


@pytest.mark.parametrize(
    ("served", "said"),
    [
        ("shop_apps:missing", "module shop_apps has no 'missing'"),
        ("no_such_shop:app", "no module named 'no_such_shop' can be imported"),
        ("shop_broken:app", "importing shop_broken raises OSError: no disk"),
        ("shop_ends:app", "importing it ends the process: nothing printed"),
        ("shop_apps:broken", "calling it raises RuntimeError: no database"),
        ("shop_apps:number", "it is a builtins.int, which is neither an ASGI nor a WSGI application"),
        ("shop_apps:talk", "give the Flask application that it was made for"),
        ("  ", "there is nothing to start"),
        ([], "there is nothing to start"),
    ],
)
def test_what_cannot_be_served_is_told(shop, tmp_path, served, said):
    """Each mistake has its sentence, with what is needed instead."""
    with pytest.raises(ConfigError) as raised:
        make_command(served, tmp_path)
    assert said in str(raised.value)


def test_an_object_of_no_module_is_told(shop, tmp_path):
    """What only a test holds cannot be imported by another process."""
    with pytest.raises(ConfigError, match="no module has by a name"):
        make_command(shop.make(), tmp_path)


def test_another_process_finds_what_this_one_does(shop, tmp_path):
    """Directories that pytest has added are passed on, and installed packages are not put before Python's own."""
    paths = environment()["PYTHONPATH"].split(":")
    assert str(tmp_path) in paths
    assert not [path for path in paths if path.endswith(("site-packages", "lib-dynload"))]
