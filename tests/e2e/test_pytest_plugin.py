"""The pytest plugin in a package that only tests with it: real soaks, wrong markers, options, several processes."""

from __future__ import annotations

import json
import re

import pytest

pytest_plugins = "pytester"
pytestmark = pytest.mark.timeout(400)

CHAT = """
    import socketio

    VISITORS = {}
    sio = socketio.AsyncServer(async_mode="asgi")
    app = socketio.ASGIApp(sio)
    clean_sio = socketio.AsyncServer(async_mode="asgi")
    clean = socketio.ASGIApp(clean_sio)


    @sio.event
    async def connect(sid, environ):
        VISITORS[sid] = environ["REMOTE_ADDR"]


    @clean_sio.on("connect")
    async def enter(sid, environ):
        pass
"""


@pytest.fixture
def package(pytester):
    """Make a package with an application and its tests, which imports nothing of soakproof."""
    pytester.makepyprojecttoml("[tool.pytest.ini_options]\naddopts = ['--strict-markers', '-p', 'no:cacheprovider']\n")
    pytester.makepyfile(chat=CHAT)
    return pytester


def test_a_leak_fails_the_test_and_is_named(package):
    """Of an application object: culprit, line, chain and growth stand where pytest shows what an assertion says."""
    package.makepyfile(
        test_chat="""
        import pytest
        from chat import app

        @pytest.mark.bounded(clients=40, waves=6)
        def test_memory_stays_bounded(soak):
            soak(app)
        """
    )
    result = package.runpytest_subprocess("--soak-quick", "--soak-out", "kept")
    result.assert_outcomes(failed=1)
    shown = result.outlines
    result.stdout.fnmatch_lines(
        [
            ">       soak(app)",
            "E *LEAK  chat:VISITORS leaks: +1.00 entries per connection.",
            "E *culprit *chat:VISITORS  +1.00 entries per connection*",
            "E *line *chat.py:12 in connect",
            "E *VISITORS?sid? = environ*",
            "E *held by *module chat",
            "E *VISITORS: dict (*",
            "E *report *report.html",
            "E *again *soakproof run --clients 40 *-m uvicorn chat:app --port '{port}'*",
        ]
    )
    assert not [line for line in shown if "soaking.py" in line and line.startswith(">")]
    (run,) = (package.path / "kept").iterdir()
    assert json.loads((run / "verdict.json").read_text())["verdict"] == "leak"


@pytest.mark.slow
def test_bounded_servers_pass_in_several_processes(package):
    """An import string, a factory, a command and a WSGI application are proven bounded, under xdist too."""
    package.makepyfile(
        shop="""
        import flask, flask_socketio
        website = flask.Flask(__name__)
        talk = flask_socketio.SocketIO(website, async_mode="threading")

        @talk.on("connect")
        def enter(): pass
        """,
        test_chat="""
        import sys
        import pytest

        pytestmark = pytest.mark.bounded(clients=200, waves=8, warmup=1, steady=0)

        def make():
            import chat
            return chat.clean

        COMMAND = f"{sys.executable} -m uvicorn chat:clean --port {{port}}"

        @pytest.mark.parametrize("served", ["chat:clean", make, COMMAND])
        def test_chat(soak, served):
            soaked = soak(served)
            assert soaked.verdict["connections"] >= 800
            assert soaked.findings

        def test_shop(soak):
            import shop
            soak(shop.website)
        """,
    )
    result = package.runpytest_subprocess("-n", "2")
    result.assert_outcomes(passed=4)


@pytest.mark.parametrize("processes", [(), pytest.param(("-n", "2"), marks=pytest.mark.slow)])
def test_wrong_markers_fail_when_tests_are_collected(package, processes):
    """Each is told with the test that it stands at, and nothing is soaked."""
    package.makepyfile(
        test_name="import pytest\n@pytest.mark.bounded(cleints=5)\ndef test_it(soak): pass",
        test_value="import pytest\n@pytest.mark.bounded(drop='clsoe')\nclass TestIt:\n    def test_it(self, soak): 0",
        test_bare="import pytest\n@pytest.mark.bounded(clients=5)\ndef test_it(): pass",
        test_right="import pytest\n@pytest.mark.bounded(clients=5)\ndef test_it(soak): soak('chat:app')",
    )
    result = package.runpytest_inprocess(*processes)
    assert result.ret != 0
    shown = " ".join("\n".join(result.outlines).split())
    assert "test_it: bounded: unknown option 'cleints'; did you mean 'clients'?" in shown
    assert "--drop 'clsoe': no such drop mode; did you mean 'close'?" in shown
    assert "bounded: the test does not use the fixture `soak`" in shown
    assert "Traceback" not in shown
    assert "passed" not in shown


def test_what_cannot_be_soaked_fails_with_a_sentence(package):
    """A wrong import string, a test that never soaks, and a wrong option of the call fail; a skip stays one."""
    package.makepyfile(
        test_chat="""
        import pytest

        @pytest.mark.bounded
        def test_string(soak): soak("chat:missing")

        @pytest.mark.bounded
        def test_never(soak): pass

        @pytest.mark.bounded
        def test_skips(soak): pytest.skip("not today")

        def test_option(soak): soak("chat:app", waves=0)
        """
    )
    result = package.runpytest_inprocess()
    result.assert_outcomes(failed=3, skipped=1)
    shown = "\n".join(result.outlines)
    assert "soakproof: soak('chat:missing'): module chat has no 'missing'; need an ASGI or WSGI application" in shown
    assert "is marked `bounded` and never called `soak(...)`, so that nothing is proven" in shown
    assert "soakproof: --waves: expected int >= 1" in shown
    assert re.search("Traceback|soaking.py", shown) is None


def test_soaks_are_left_out_by_their_mark(package):
    """``-m "not soak"`` leaves out whatever uses the fixture, marked or not."""
    package.makepyfile(
        test_chat="def test_soak(soak): soak('chat:app')\n\ndef test_quick(): pass",
    )
    package.runpytest_inprocess("-m", "not soak").assert_outcomes(passed=1, deselected=1)
    shown = "\n".join(package.runpytest_inprocess("--markers").outlines)
    assert "@pytest.mark.bounded(**options)" in shown
    assert "@pytest.mark.soak" in shown
